/** What a gate with a server in its configuration brings into the process of whoever logs on: no store, no hashing, no key. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal } from '../support/pty.ts';
import { PASSWORD, servedFacility } from '../support/served-facility.ts';

const BUNDLE = {
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  format: 'esm',
  external: ['@node-rs/argon2', 'fs-native-extensions', 'sql.js', 'pg'],
} as const satisfies BuildOptions;

/** Every module of ours, and every package, that `entry` can come to load, now or later. */
async function reachable(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({ ...BUNDLE, entryPoints: [entry], outdir: 'out' });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...Object.keys(metafile.inputs), ...imported];
}

const DEAR =
  /core\/store\/|secret-box|key-file|key-ring|password-hasher|core\/directory\/|argon2|sql\.js|fs-native|otplib|node\/facility|audit-trail/;

describe('the client half of a door', () => {
  it('cannot load what opens a facility', async () => {
    const modules = await reachable('src/gate/client-conversation.ts');
    expect(modules).toContain('src/gate/client-link.ts');
    expect(modules.filter((path) => DEAR.test(path))).toEqual([]);
  });

  it('is all that stands beside the facility: the other half is what the pattern finds', async () => {
    const modules = await reachable('src/gate/opened-door.ts');
    expect(modules.filter((path) => DEAR.test(path)).length).toBeGreaterThan(10);
  });
});

describe('a gate whose people log on through the server', () => {
  const facility = servedFacility([]);

  it('has neither database nor native parts in its process, up to the last answer', async () => {
    await facility.serve();
    const terminal = openTerminal(GATEHOUSE, [
      '--config',
      facility.config,
      'login',
      '--user',
      'alice',
      '--front-end',
      'line',
    ]);
    await terminal.until('Password: ');
    terminal.type('not the password\r');
    await terminal.until('Login incorrect.');
    const maps = readFileSync(`/proc/${terminal.pid}/maps`, 'latin1');
    expect(maps).not.toMatch(/argon2|fs-native|sql-wasm/);
    const open = readdirSync(`/proc/${terminal.pid}/fd`).map((fd) => linkOf(`/proc/${terminal.pid}/fd/${fd}`));
    expect(open.filter((path) => path.includes('secret'))).toEqual([]);
    expect(open.some((path) => path.startsWith('socket:'))).toBe(true);
    await terminal.until('Password: ');
    terminal.type(`${PASSWORD}\r`);
    expect(await terminal.ended).toBe(0);
  });
});

/** Empty where the descriptor is closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
