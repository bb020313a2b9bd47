/**
 * The last step of the build: a log-on as far as its first question, in a terminal, after which V8's compiled code of the bundle is kept
 * (src/cli/compiled-code.ts). Without it everything works, some milliseconds later; so where this fails, the build says so and is none the worse.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiledCodeOf } from '../src/cli/compiled-code.ts';

/** Those that bin/gatehouse gives a log-on. V8 takes compiled code only under flags like those it was made with. */
export const LOG_ON_FLAGS = ['--disable-sigusr1', '--no-concurrent-sparkplug', '--no-concurrent-recompilation'];

const PROGRAM = resolve('dist/gatehouse.cjs');

export async function compileFirstQuestion(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-build-'));
  try {
    const config = join(folder, 'config.ini');
    writeFileSync(config, '2FA=Off\n', { mode: 0o600 });
    // Not there where only what the program itself needs was installed.
    const { spawn } = await import('@lydell/node-pty');
    const words = [...LOG_ON_FLAGS, resolve('tools/keep-compiled.ts'), PROGRAM, '--config', config, 'login'];
    const gate = spawn(process.execPath, words, { cwd: folder, env: { TERM: 'vt100' } });
    let said = '';
    gate.onData((text) => {
      said += text;
    });
    await new Promise((ended) => gate.onExit(ended));
    if (!existsSync(compiledCodeOf(PROGRAM))) throw new Error(said.trim());
  } catch (thrown) {
    process.stderr.write(`build: no compiled code is kept; the first question comes a little later. ${thrown}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
