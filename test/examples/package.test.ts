import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';
import { packedProject } from './packed-package.ts';

const facility = standingFacility();
const project = packedProject();
const TSC = resolve('node_modules/typescript/bin/tsc');
const CLEAN = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: '/' };

function types(source: string): string {
  const file = project.write('types.ts', source);
  // Also the declarations of the package themselves: they may lean on nothing that is not there.
  const options = ['--module', 'nodenext', '--strict', '--exactOptionalPropertyTypes', '--noEmit', '--types', 'node'];
  const { stdout } = spawnSync(process.execPath, [TSC, ...options, file], { cwd: project.folder, encoding: 'utf8' });
  return stdout;
}

const HOST = `import { openGate, exitStatus, type Ask, type Verdict, type VerifyPassword } from 'gatehouse/gate';
const verifyPassword: VerifyPassword = async (user: string, password: string) => user === password;
const gate = openGate({ config: '/x/config.ini', verifyPassword });
const verdict: Verdict = await gate.login({ user: 'alice', terminal: 'ward-3', frontEnd: 'line' });
if (verdict.outcome === 'granted') {
  const method: 'password' | 'password+totp' | 'password+recovery' | 'password+one-time' = verdict.method;
  console.log(verdict.user, method, verdict.paired);
} else {
  console.log(verdict.reason, verdict.retryAfterSeconds ?? 0, exitStatus(verdict));
}
const conversation = gate.begin({ user: 'alice', password: 'checked-by-host', recoveryCodes: 'offered' });
for (const message of await conversation.start()) {
  if (message.type === 'ask') { const ask: Ask = message; await conversation.answer(ask.id, 'x'); }
  if (message.type === 'pair') console.log(message.uri, message.key);
}
`;

describe('the package that npm pack makes', () => {
  it('has the program, the library with its types, and its pages', () => {
    expect(project.packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'bin/gatehouse',
        'config.ini.example',
        'dist/gatehouse.cjs',
        'dist/gate.mjs',
        'dist/types/gate/index.d.ts',
        'docs/gate-protocol.md',
      ]),
    );
  });

  it('has no Node of its own, no tests, no sources, nobody’s data', () => {
    const odd = project.packed.filter((path) =>
      /^(node_modules|test|src|tools|bench|data|\.)|(^|\/)node$|\.(db|key|jsonl|tgz)$|config\.ini$/.test(path),
    );
    expect(odd).toEqual([]);
  });

  it('is a library in a project of its own: a grant, and a denial', () => {
    const host = project.write(
      'host.mjs',
      `import { Readable, Writable } from 'node:stream';
import { openGate } from 'gatehouse/gate';
const gate = openGate({ config: process.argv[2] });
const output = new Writable({ write: (_chunk, _encoding, written) => written() });
for (const password of process.argv.slice(3)) {
  const input = Readable.from([\`alice\\n\${password}\\n\`]);
  console.log(JSON.stringify(await gate.login({ input, output, nonce: 'N' })));
}
await gate.close();
`,
    );
    const said = execFileSync(process.execPath, [host, facility.config, PASSWORD, 'wrong'], { env: CLEAN });
    const [granted, denied] = said
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(granted).toEqual({ outcome: 'granted', user: 'alice', method: 'password', paired: false, nonce: 'N' });
    expect(denied).toMatchObject({ outcome: 'denied', nonce: 'N' });
  });

  it('tells TypeScript what it is', () => {
    expect(types(HOST)).toBe('');
  });

  it('lets nobody read a verdict for what it is not', () => {
    const wrong = HOST.replace('console.log(verdict.reason', 'console.log(verdict.user');
    expect(types(wrong)).toContain("Property 'user' does not exist");
    expect(types(HOST.replace("'checked-by-host'", "'checked'"))).toContain('is not assignable');
  });

  it('opens to nothing but gatehouse/gate', () => {
    const inside = project.write('inside.mjs', "import 'gatehouse/dist/parts/gate-opened-door.cjs';\n");
    const { status, stderr } = spawnSync(process.execPath, [inside], { env: CLEAN, encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('is a program too, by the link that npm makes', () => {
    const gatehouse = join(project.folder, 'node_modules', '.bin', 'gatehouse');
    const run = (args: readonly string[], input = '') =>
      spawnSync(gatehouse, [...args], { env: CLEAN, input, encoding: 'utf8', cwd: '/' });
    expect(run(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const login = ['--config', facility.config, 'login', '--', '/bin/echo', 'in'];
    expect(run(login, `alice\n${PASSWORD}\n`)).toMatchObject({ status: 0, stdout: 'in\n' });
    expect(run(login, 'alice\nwrong\n')).toMatchObject({ status: 77, stdout: '' });
  });
});
