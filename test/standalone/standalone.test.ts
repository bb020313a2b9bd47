import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { droppedNames } from '../../tools/standalone/dropped-names.ts';
import { phoneCode } from '../support/authenticator.ts';
import { secretIn } from '../support/host-login.ts';
import { openTerminal } from '../support/pty.ts';
import { openPty } from '../support/pty-screen.ts';
import { standaloneProgram } from '../support/standalone-program.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';

const program = standaloneProgram();
const facility = standingFacility();
const GATE = ['--config', facility.config, 'login'];
const ENV_BEHIND_GATE = [...GATE, '--', '/usr/bin/env'];
const ALICE = `alice\n${PASSWORD}\n`;

const SHUT_NAMES = ['NODE_CHANNEL_FD', 'NODE_REPL_EXTERNAL_MODULE'];

/** Where native code is for a moment (src/core/node/packed-addon). */
const PLACES = ['/dev/shm', '/tmp', '/var/tmp'];

describe('without a Node on the host, and with no environment at all', () => {
  test('it says its version and its completions', async () => {
    expect(await program.run(['--version'])).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
    expect((await program.run(['completion', 'bash'])).stdout).toContain('complete -o default -F _gatehouse gatehouse');
  });

  test('a log-on is granted, and the gate becomes the command, in the same process', async () => {
    const child = spawn(program.file, [...GATE, '--', '/bin/sh', '-c', 'echo $$ $GATEHOUSE_USER $GATEHOUSE_METHOD'], {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.end(ALICE);
    expect(await allOf(child)).toBe(`${child.pid} alice password\n`);
  });

  test('a wrong password is denied, and the command does not run', async () => {
    const { status, stdout, stderr } = await program.run([...GATE, '--', '/bin/echo', 'ran'], {
      input: 'alice\nwrong\n',
    });
    expect({ status, stdout }).toEqual({ status: 77, stdout: '' });
    expect(stderr).toContain('Login incorrect.');
  });

  test('a phone is paired, with the native parts in memory and nowhere else', async () => {
    const elsewhere = join(facility.folder, 'chosen-by-the-caller');
    mkdirSync(elsewhere);
    const gate = spawn(program.file, [...GATE, '--front-end', 'json'], {
      env: { TMPDIR: elsewhere, XDG_RUNTIME_DIR: elsewhere },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void gate.kill('SIGKILL'));
    const tell = (message: object) => gate.stdin.write(`${JSON.stringify(message)}\n`);
    tell({ type: 'begin', user: 'bob' });
    let secret = '';
    let verdict: unknown;
    for await (const line of createInterface({ input: gate.stdout })) {
      const message = JSON.parse(line);
      if (message.type === 'pair') secret = secretIn(message.uri);
      if (message.type === 'done') verdict = message;
      if (message.type !== 'ask') continue;
      // By now the password was checked, so argon2 is loaded.
      if (message.field === 'code') expect(nativeFiles(gate.pid)).toMatchObject(['deleted', 'deleted']);
      tell({ type: 'answer', id: message.id, value: message.field === 'code' ? phoneCode(secret) : PASSWORD });
    }
    expect(verdict).toMatchObject({ outcome: 'granted', user: 'bob', method: 'password+totp', paired: true });
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(PLACES.flatMap((place) => readdirSync(place).filter((name) => /^gatehouse-native-/.test(name)))).toEqual([]);
  });
});

describe('the environment of the caller', () => {
  test.each([
    ['options that load code', (evil: string) => ({ NODE_OPTIONS: `--require ${evil}` })],
    ['options that replace the program', () => ({ NODE_OPTIONS: '--eval process.exit(0)' })],
    ['modules of another folder', (_: string, folder: string) => ({ NODE_PATH: folder })],
    ['modules of the home folder', (_: string, folder: string) => ({ HOME: folder })],
    ['compiled code', (_: string, folder: string) => ({ NODE_COMPILE_CACHE: join(folder, 'cache') })],
    ['a coverage folder', (_: string, folder: string) => ({ NODE_V8_COVERAGE: join(folder, 'coverage') })],
    ['certificates', (evil: string) => ({ NODE_EXTRA_CA_CERTS: evil, SSL_CERT_FILE: evil, NODE_USE_SYSTEM_CA: '1' })],
    ['a channel', () => ({ NODE_CHANNEL_FD: '0', NODE_UNIQUE_ID: '1' })],
    ['words of the launcher', () => ({ GATEHOUSE_QUIETED: '1' })],
  ] as const)('does nothing by %s', async (_, setting) => {
    const { evil, folder, marker } = evilFolder();
    const environment = setting(evil, folder);
    const before = filesIn(folder);
    const { status, stdout } = await program.run(ENV_BEHIND_GATE, { input: 'alice\nwrong\n', environment });
    expect({ status, stdout }).toEqual({ status: 77, stdout: '' });
    expect(existsSync(marker)).toBe(false);
    expect(filesIn(folder)).toEqual(before);
  });

  test("OpenSSL's configuration, which can name code to load, is not read", async () => {
    const { folder } = evilFolder();
    const file = join(folder, 'openssl.cnf');
    writeFileSync(file, 'nodejs_conf = a\n[a]\nproviders = b\n[b]\nevil = c\n[c]\nmodule = /evil.so\nactivate = 1\n');
    const environment = { OPENSSL_CONF: file };
    // The Node that is in it does read it.
    expect(spawnSync(process.execPath, ['-e', '0'], { env: environment }).status).not.toBe(0);
    expect((await program.run(GATE, { input: ALICE, environment })).status).toBe(0);
  });

  test('what is about Node does not reach the command, and the rest does', async () => {
    const dropped = droppedNames(readFileSync('bin/gatehouse', 'utf8')).filter((name) => !SHUT_NAMES.includes(name));
    const environment = Object.fromEntries([...dropped, 'NODE_ENV', 'KEPT'].map((name) => [name, 'set']));
    const { stdout } = await program.run(ENV_BEHIND_GATE, { input: ALICE, environment });
    const names = stdout.match(/^\w+(?==)/gm)?.filter((name) => name !== 'PWD');
    expect(names?.toSorted()).toEqual(['GATEHOUSE_METHOD', 'GATEHOUSE_USER', 'KEPT', 'NODE_ENV']);
  });

  test.each(SHUT_NAMES)('Node itself ends at once over a wrong %s, and nobody is let in', async (name) => {
    const { status, stdout } = await program.run(ENV_BEHIND_GATE, { input: ALICE, environment: { [name]: 'set' } });
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe('');
  });

  test('where it would cost the descriptor of the result, the gate stays shut and says what to do', async () => {
    const environment = { NODE_DEBUG: 'net' };
    const { status, stderr } = await program.run([...GATE, '--result-fd', '3'], { input: ALICE, environment });
    expect(status).toBe(69);
    expect(stderr).toContain('env -u NODE_DEBUG gatehouse login');
    expect((await program.run([...GATE, '--result-fd', '1'], { input: ALICE, environment })).stdout).toContain(
      'granted',
    );
  });

  test('words on the command line are never for Node', async () => {
    for (const word of ['--inspect', '--eval', '--require=/evil.cjs', '--node-options=--inspect']) {
      expect((await program.run([word, '0'])).status).toBe(64);
    }
  });
});

/** Mounts of its own need privileges. */
const mountsAreAllowed = spawnSync('unshare', ['--mount', 'true']).status === 0;

const unlessMounts = mountsAreAllowed ? '' : ' (skipped: needs unshare and root)';

describe.skipIf(!mountsAreAllowed)(`where no folder lets code be run${unlessMounts}`, () => {
  /** `place` is where the facility of this test is as well: it is never covered. */
  const noexec = (place: string) => `mount --bind ${place} ${place}; mount -o remount,bind,noexec ${place}`;
  const everybodys = (place: string) => `mount -t tmpfs -o mode=0777 tmpfs ${place}`;

  test.each([
    ['mounted noexec', PLACES.map(noexec)],
    ["everybody's, without a sticky bit", [noexec('/tmp'), everybodys('/dev/shm'), everybodys('/var/tmp')]],
  ])('nobody is let in where they are %s, and the doctor says why', (_, mounts) => {
    const words = [...GATE, '--', '/bin/echo', 'ran'];
    const { status, stdout } = runThere(mounts, words, ALICE);
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    const { checks } = JSON.parse(runThere(mounts, ['--config', facility.config, 'doctor', '--json']).stdout);
    const text = expect.stringContaining('can be run from none of /dev/shm, /tmp, /var/tmp.');
    expect(checks).toContainEqual({ name: 'native', level: 'fail', text });
  });

  function runThere(mounts: readonly string[], args: readonly string[], input = '') {
    const copied = ['set -e', 'mount -t tmpfs tmpfs /mnt', 'cp "$0" /mnt/gatehouse'];
    const script = [...copied, ...mounts, 'exec /mnt/gatehouse "$@"'].join('\n');
    const words = ['--mount', '/bin/sh', '-c', script, program.file, ...args];
    return spawnSync('unshare', words, { input, encoding: 'utf8' });
  }
});

describe('at a terminal', () => {
  test('a terminal left raw is sane again, and what is secret is not shown', async () => {
    const broken = 'stty -icrnl -opost -icanon -isig -echo igncr; exec "$@"';
    const terminal = openTerminal('/bin/sh', ['-c', broken, 'sh', program.file, ...GATE, '--', '/bin/stty', '-a']);
    await terminal.until('User name: ');
    terminal.type('alice\r');
    await terminal.until('Password: ');
    terminal.type(`${PASSWORD}\r`);
    const flags = await terminal.until('-extproc');
    for (const flag of ['icrnl', '-igncr', 'opost', 'icanon', 'isig', 'echo'])
      expect(flags).toMatch(new RegExp(`[ \n]${flag} `));
    expect(terminal.shown()).not.toContain(PASSWORD);
    expect(await terminal.ended).toBe(0);
  });

  test('a facility is set up, and the console opens', async () => {
    const folder = join(facility.folder, 'new');
    mkdirSync(folder, { mode: 0o700 });
    const words = ['init', '--mode', 'off', '--admin', 'root', '--password-stdin'];
    expect((await program.run(words, { folder, input: `${PASSWORD}\n` })).status).toBe(0);
    const screen = openPty(program.file, [], { folder, environment: { PATH: '/nowhere', HOME: '/nowhere' } });
    await screen.until(/› User name/);
    screen.type('root\r');
    await screen.until(/› Password/);
    screen.type(`${PASSWORD}\r`);
    await screen.until(/Gatehouse · Overview/);
    screen.type('q');
    expect(await screen.exited).toBe(0);
  });
});

async function allOf(child: ChildProcess): Promise<string> {
  let out = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return out;
}

/** Of each native part that the process has open: whether its file is gone. */
function nativeFiles(pid: number | undefined): readonly string[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  const found = maps.matchAll(/ (\/\S+)\/gatehouse-native-(\w+)\/addon\.node( \(deleted\))?$/gm);
  const files = new Map(
    [...found].map(([, place = '', name, gone]) => [name, PLACES.includes(place) && gone ? 'deleted' : place]),
  );
  return [...files.values()];
}

/** Modules by the names that the program asks for, and one of no name, all of which leave a marker. */
function evilFolder(): { readonly folder: string; readonly evil: string; readonly marker: string } {
  evilFolders += 1;
  const folder = join(facility.folder, `evil-${evilFolders}`);
  const marker = join(folder, 'marker');
  const code = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''); process.exit(0);\n`;
  for (const name of ['sql.js', 'pg', 'pg-native', '@node-rs/argon2', '.node_modules/pg-native']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.js'), code);
  }
  const evil = join(folder, 'evil.cjs');
  writeFileSync(evil, code);
  return { folder, evil, marker };
}

let evilFolders = 0;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();
}
