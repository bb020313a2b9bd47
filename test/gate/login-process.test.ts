import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { GATEHOUSE, PASSWORD, standingFacility } from '../support/standing-facility.ts';

const facility = standingFacility();

type Run = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly result: string;
};

/** The gate as a host starts it: `input` on its stdin, descriptor 3 for the result. */
async function login(
  args: readonly string[],
  input: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly file?: string; readonly config?: string } = {},
): Promise<Run> {
  const { env = {}, file = GATEHOUSE, config = facility.config } = options;
  const child: ChildProcess = spawn(file, ['--config', config, 'login', ...args], {
    cwd: facility.folder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr, stdio } = child;
  const fourth = stdio[3];
  if (!stdin || !stdout || !stderr || !fourth || !('setEncoding' in fourth)) throw new Error('no pipes');
  stdin.on('error', () => {});
  stdin.end(input);
  const status = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, err, result] = await Promise.all([text(stdout), text(stderr), text(fourth)]);
  return { status: await status, stdout: out, stderr: err, result };
}

const ALICE = `alice\n${PASSWORD}\n`;

describe('login for a host', () => {
  test('grants to lines on stdin, and has nothing on stdout', async () => {
    const { status, stdout, stderr } = await login([], ALICE);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe('User name: \nPassword: \n');
  });

  test('says the result on the descriptor it was given, with the nonce', async () => {
    const granted = await login(['--result-fd', '3', '--nonce', 'N 1'], ALICE);
    expect(granted.result).toBe('{"outcome":"granted","user":"alice","method":"password","nonce":"N 1"}\n');
    const denied = await login(['--result-fd', '3', '--user', 'alice', '--nonce', 'N 2'], 'wrong\n');
    expect(denied.status).toBe(77);
    expect(JSON.parse(denied.result)).toEqual({ outcome: 'denied', reason: 'input-ended', nonce: 'N 2' });
  });

  test('writes the result on stdout where stdout is what it was given', async () => {
    const { stdout } = await login(['--result-fd', '1', '--user', 'alice'], `${PASSWORD}\n`);
    expect(stdout).toBe('{"outcome":"granted","user":"alice","method":"password"}\n');
  });

  test.each([
    ['0', 'where answers come from'],
    ['-1', 'number'],
    ['three', 'number'],
  ])('refuses --result-fd %s', async (fd, why) => {
    const { status, stderr } = await login(['--result-fd', fd], ALICE);
    expect(status).toBe(64);
    expect(stderr).toContain(why);
  });

  test.each([
    ['no answer', ''],
    ['a name', 'alice\n'],
    ['a password without its Enter', `alice\n${PASSWORD}`],
    ['noise', '\0\xff\x1b[A\r\r\n\n\n\n'],
    ['a line beyond every bound', `${'x'.repeat(200_000)}\n`],
  ])('denies at the end of input behind %s', async (_, input) => {
    const { status, result, stderr } = await login(['--result-fd', '3', '--', 'touch', 'ran'], input);
    expect(status).toBe(77);
    expect(JSON.parse(result).outcome).toBe('denied');
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
  });

  test('gives the command the pipes as they were', async () => {
    const { status, stdout } = await login(
      ['--', 'sh', '-c', 'grep -h flags /proc/self/fdinfo/[012]; echo "$GATEHOUSE_USER $GATEHOUSE_CONFIG"'],
      ALICE,
      { env: { GATEHOUSE_CONFIG: '/elsewhere' } },
    );
    expect(status).toBe(0);
    for (const [, flags = ''] of stdout.matchAll(/flags:\s+([0-7]+)/g)) {
      expect(Number.parseInt(flags, 8) & 0o4000).toBe(0);
    }
    expect(stdout).toContain('alice /elsewhere');
  });

  test('ends as the command ends, and says so where it cannot be run', async () => {
    expect((await login(['--', 'sh', '-c', 'exit 7'], ALICE)).status).toBe(7);
    const script = join(facility.folder, 'no-interpreter');
    writeFileSync(script, 'echo "ran by sh: $1"\n', { mode: 0o755 });
    expect((await login(['--', script, 'it'], ALICE)).stdout).toBe('ran by sh: it\n');
    const broken = join(facility.folder, 'broken');
    writeFileSync(broken, '#!/nowhere/interpreter\n', { mode: 0o755 });
    const run = await login(['--', broken], ALICE);
    expect(run.status).toBeGreaterThan(125);
    expect(run.stderr).not.toContain('execve');
  });

  test('looks for the command before it asks', async () => {
    const { status, stderr } = await login(['--', 'no-such-program'], ALICE);
    expect(status).toBe(66);
    expect(stderr).toBe('gatehouse: There is no command no-such-program that could be run.\n');
  });

  test.each([
    ['an unknown option', ['--admin'], 'no option --admin'],
    ['a word', ['alice'], 'no option alice'],
    ['an option twice', ['--user', 'a', '--user', 'b'], 'twice'],
    ['an option without a value', ['--user'], 'needs a value'],
    ['an empty value', ['--user='], 'empty'],
    ['another front end', ['--front-end', 'web'], 'ink, line, json'],
    ['no command behind --', ['--'], 'A command'],
    ['the result on the descriptor of the conversation', ['--front-end', 'json', '--result-fd', '1'], 'another one'],
  ])('refuses %s', async (_, args, why) => {
    const { status, stderr } = await login(args, ALICE);
    expect(status).toBe(64);
    expect(stderr).toContain(why);
  });
});

describe('what is broken', () => {
  test.each([
    ['no config.ini', undefined, 78],
    ['a config.ini that says something wrong', '2FA=SMS:x\n', 78],
    ['no database and no key', '2FA=Auto:x\n', 69],
  ] as const)('%s: denied, a sentence, and no stack trace', async (name, content, status) => {
    const folder = join(facility.folder, name.replaceAll(' ', '-'));
    mkdirSync(folder, { mode: 0o700 });
    const config = join(folder, 'config.ini');
    if (content !== undefined) writeFileSync(config, content, { mode: 0o600 });
    const run = await login(['--result-fd', '3', '--', 'touch', 'ran'], ALICE, { config });
    expect(run.status).toBe(status);
    expect(run.result).not.toContain('granted');
    expect(run.stderr).toMatch(/[a-z]\./);
    expect(run.stderr).not.toMatch(/ at .*:\d+:\d+/);
  });
});

describe('the JSON front end', () => {
  const begin = '{"type":"begin","user":"alice","nonce":"X"}\n';
  const answer = `{"type":"answer","id":1,"value":${JSON.stringify(PASSWORD)}}\n`;

  test('grants, and leaves stdout to the conversation', async () => {
    const { status, stdout, stderr } = await login(['--front-end', 'json'], `${begin}${answer}`);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'hello', protocol: 1 });
    expect(lines.at(-1)).toEqual({
      type: 'done',
      outcome: 'granted',
      user: 'alice',
      method: 'password',
      paired: false,
      nonce: 'X',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('goes on to the command', async () => {
    const { stdout } = await login(['--front-end', 'json', '--', 'echo', 'the command'], `${begin}${answer}`);
    expect(stdout).toMatch(/"outcome":"granted".*\nthe command\n$/);
  });

  test.each([
    ['nothing', ''],
    ['noise', '\0\n{}\n[]\n'.repeat(20)],
    ['begin alone', begin],
    ['half an answer', `${begin}${answer.slice(0, -5)}`],
  ])('denies to %s', async (_, input) => {
    const { status, stdout } = await login(['--front-end', 'json', '--', 'touch', 'ran'], input);
    expect(status).toBe(77);
    expect(stdout).not.toContain('granted');
  });

  test('denies where nobody reads its stdout', async () => {
    const child = spawn(GATEHOUSE, ['--config', facility.config, 'login', '--front-end', 'json'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    child.stdin.end(`${begin}${answer}`);
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(77);
  });

  test('denies where its stdout is full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(GATEHOUSE, ['--config', facility.config, 'login', '--front-end', 'json'], {
      stdio: ['pipe', full, 'ignore'],
    });
    closeSync(full);
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${begin}${answer}`);
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(77);
  });
});

describe('a grant that cannot be told on the result descriptor', () => {
  test('is none: the status is not 0 and the command does not run', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(
      GATEHOUSE,
      ['--config', facility.config, 'login', '--user', 'alice', '--result-fd', '3', '--', 'echo', 'ran'],
      { stdio: ['pipe', 'pipe', 'ignore', full] },
    );
    closeSync(full);
    child.stdin?.end(`${PASSWORD}\n`);
    const status = new Promise((resolve) => child.on('exit', resolve));
    expect(child.stdout === null ? undefined : await text(child.stdout)).toBe('');
    expect(await status).toBe(69);
  });
});

describe('the launcher', () => {
  test('finds its package through symbolic links, relative ones too', async () => {
    const bin = join(facility.folder, 'bin');
    mkdirSync(bin);
    symlinkSync(GATEHOUSE, join(bin, 'one'));
    symlinkSync('one', join(bin, 'two'));
    expect((await login([], ALICE, { file: join(bin, 'two') })).status).toBe(0);
  });

  test('takes nothing from the environment that could change its Node', async () => {
    const evil = join(facility.folder, 'evil.cjs');
    writeFileSync(evil, 'process.exit(0);');
    const dropped = readFileSync(GATEHOUSE, 'utf8').match(/\b(NODE|NAPI|LD|OPENSSL|UV)_[A-Z0-9_]+\b/g) ?? [];
    const env = Object.fromEntries([...new Set(dropped)].map((name) => [name, evil]));
    const { status } = await login([], 'alice\nwrong\n', { env: { ...env, NODE_OPTIONS: `--require ${evil}` } });
    expect(status).toBe(77);
    const { stdout } = await login(['--', 'env'], ALICE, { env: { NODE_OPTIONS: '--no-warnings', KEPT: 'yes' } });
    expect(stdout).toContain('KEPT=yes');
    expect(stdout).not.toMatch(/^(NODE_|GATEHOUSE_QUIETED)/m);
  });

  test('says what is wrong with a package that was not built', async () => {
    const bin = join(facility.folder, 'package', 'bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(GATEHOUSE, join(bin, 'gatehouse'));
    const { status, stderr } = await login([], ALICE, { file: join(bin, 'gatehouse') });
    expect(status).toBe(69);
    expect(stderr).toMatch(/^gatehouse: .*gatehouse.cjs is missing\..*\n$/);
  });

  test('starts a Node whose debugger has nowhere to listen, until SIGUSR1 is caught', async () => {
    const folder = join(facility.folder, 'debugged');
    for (const name of ['bin', 'dist', 'node_modules/.bin']) mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(GATEHOUSE, join(folder, 'bin/gatehouse'));
    symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'));
    writeFileSync(
      join(folder, 'dist/gatehouse.cjs'),
      "process.stdin.on('end', () => process.exit(3)).resume(); process.kill(process.pid, 'SIGUSR1');",
    );
    const child = spawn(join(folder, 'bin/gatehouse'), ['login'], { stdio: 'pipe' });
    const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
    expect(said).toBe('Starting inspector on 240.0.0.1:1025 failed: address not available\n');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([3, null]);
  });
});
