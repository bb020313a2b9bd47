/** Whatever is broken, missing or hostile around the gate: no grant, no exit status 0, no stack trace. */
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { facilityShell, type Run, type Shell } from '../support/gatehouse-process.ts';
import { jsonLogin } from '../support/host-login.ts';

const PASSWORD = 'tulips do not sing at all';
const ANSWERS = { username: 'alice', password: PASSWORD };

/** Off: a right password alone is a grant, so whatever stops it here is the fault under test. */
async function openFacility(): Promise<Shell> {
  const shell = await facilityShell('off');
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  return shell;
}

function expectShut(run: Pick<Run, 'status' | 'stderr'> & { readonly stdout?: string }): void {
  expect(run.status).toBeGreaterThan(0);
  const text = `${run.stdout ?? ''}${run.stderr}`;
  expect(text).not.toMatch(/^\s+at .*[:(]/m);
  expect(text).not.toContain('granted');
}

describe('the gate', () => {
  it('lets alice in where nothing is wrong', async () => {
    const shell = await openFacility();
    expect(await jsonLogin(shell.folder, ANSWERS)).toMatchObject({
      status: 0,
      done: { outcome: 'granted', method: 'password' },
    });
  });

  const data = (shell: Shell, name: string): string => join(shell.folder, 'data', name);
  const FAULTS: readonly (readonly [string, (shell: Shell) => void])[] = [
    ['no database', (shell) => rmSync(data(shell, 'gatehouse.db'))],
    ['an empty database', (shell) => truncateSync(data(shell, 'gatehouse.db'), 0)],
    ['a cut database', (shell) => truncateSync(data(shell, 'gatehouse.db'), 5000)],
    ['noise for a database', (shell) => writeFileSync(data(shell, 'gatehouse.db'), Buffer.alloc(40_000, 'noise'))],
    [
      'noise inside the database',
      (shell) => {
        const bytes = readFileSync(data(shell, 'gatehouse.db'));
        writeFileSync(data(shell, 'gatehouse.db'), bytes.fill(0xa5, 4096));
      },
    ],
    ['a world-readable database', (shell) => chmodSync(data(shell, 'gatehouse.db'), 0o644)],
    [
      'a symbolic link for a database',
      (shell) => {
        renameSync(data(shell, 'gatehouse.db'), data(shell, 'elsewhere.db'));
        symlinkSync('elsewhere.db', data(shell, 'gatehouse.db'));
      },
    ],
    [
      'a folder for a database',
      (shell) => {
        rmSync(data(shell, 'gatehouse.db'));
        mkdirSync(data(shell, 'gatehouse.db'));
      },
    ],
    ['no key', (shell) => rmSync(data(shell, 'gatehouse.key'))],
    ['a cut key', (shell) => truncateSync(data(shell, 'gatehouse.key'), 100)],
    ['a world-readable key', (shell) => chmodSync(data(shell, 'gatehouse.key'), 0o604)],
    ['an open data folder', (shell) => chmodSync(join(shell.folder, 'data'), 0o777)],
    ['no configuration', (shell) => rmSync(join(shell.folder, 'config.ini'))],
    ['a broken configuration', (shell) => writeFileSync(join(shell.folder, 'config.ini'), '2FA=Auto:A\n2FA=Off\n')],
    ['a configuration that others may write', (shell) => chmodSync(join(shell.folder, 'config.ini'), 0o666)],
  ];

  it.each(FAULTS)('is shut with %s', async (_, breakIt) => {
    const shell = await openFacility();
    breakIt(shell);
    const asked = await jsonLogin(shell.folder, ANSWERS);
    expectShut(asked);
    const piped = await shell.run(['login', '--front-end', 'line'], { input: `alice\n${PASSWORD}\n` });
    expectShut(piped);
    expect(piped.stderr.trim().split('\n').length).toBeLessThan(8);
    const hosted = await shell.run(['login', '--front-end', 'line', '--', '/bin/echo', 'INSIDE'], {
      input: `alice\n${PASSWORD}\n`,
    });
    expect(hosted.stdout).not.toContain('INSIDE');
    expectShut(hosted);
  });

  it.each([
    ['nothing', ''],
    ['a begin and no more', '{"type":"begin"}\n'],
    ['a name and no more', '{"type":"begin"}\n{"type":"answer","id":1,"value":"alice"}\n'],
    ['garbage', 'x\n'.repeat(1000)],
    ['bytes that are no text', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 37) % 256))],
    ['one line of a megabyte', `{"type":"answer","id":1,"value":"${'a'.repeat(1_000_000)}"}\n`],
    ['a done of its own', '{"type":"done","outcome":"granted"}\n'.repeat(3)],
    [
      'answers to questions that were not asked',
      '{"type":"begin"}\n{"type":"answer","id":7,"value":"alice"}\n'.repeat(9),
    ],
  ])('denies a host that says %s', async (_, input) => {
    const shell = await openFacility();
    const run = await shell.run(['login', '--front-end', 'json'], { input });
    expect(run.status).toBe(77);
    expect(run.stdout).toContain('"outcome":"denied"');
    expectShut(run);
  });

  it('is not moved by what the environment says to Node', async () => {
    const shell = await openFacility();
    writeFileSync(join(shell.folder, 'evil.cjs'), 'process.exit(0)');
    const environment = {
      NODE_OPTIONS: `--require ${join(shell.folder, 'evil.cjs')}`,
      NODE_PATH: shell.folder,
      NODE_REPL_EXTERNAL_MODULE: join(shell.folder, 'evil.cjs'),
    };
    const wrong = await jsonLogin(shell.folder, { ...ANSWERS, password: 'wrong wrong wrong' }, { environment });
    expect(wrong).toMatchObject({ status: 77, done: { outcome: 'denied' } });
    expect((await jsonLogin(shell.folder, ANSWERS, { environment })).status).toBe(0);
  });
});
