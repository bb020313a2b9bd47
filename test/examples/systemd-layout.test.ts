/**
 * The layout that examples/systemd/README.md sets up, by the commands there: a mount namespace gives these processes their
 * own /etc, /run and /var/lib. systemd itself does not run; the server makes its socket.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { GATEHOUSE, type Run } from '../support/gatehouse-process.ts';
import { openPty, type PtyScreen } from '../support/pty-screen.ts';
import { serverProcess } from '../support/served-facility.ts';
import { PASSWORD } from '../support/standing-facility.ts';
import { exampleFolder } from './installed-example.ts';
import { missing, rootAndOtherAccount, tool } from './needs.ts';

const UIDS = { gatehouse: 61010, alice: 61011, mallory: 61012 } as const;
type Account = 'root' | keyof typeof UIDS;

const hasNamespaces = spawnSync('unshare', ['--mount', 'true']).status === 0;
const lacking = missing(
  rootAndOtherAccount(),
  tool('runuser'),
  !hasNamespaces && 'unshare --mount',
  statSync('/etc/gatehouse', { throwIfNoEntry: false }) !== undefined && 'a machine without /etc/gatehouse',
);

type Host = {
  readonly etc: string;
  run(account: Account, args: readonly string[], input?: string): Promise<Run>;
  /** The console, in a terminal. */
  console(account: Account): PtyScreen;
  sh(script: string): void;
  serve(): Promise<void>;
};

/** /etc is a copy with the accounts in it; /run and /var/lib are empty. */
function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-host-'));
  chmodSync(root, 0o755);
  for (const name of ['run', 'lib', 'bin']) mkdirSync(join(root, name), { mode: 0o755 });
  const etc = join(root, 'etc');
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true });
  chmodSync(etc, 0o755);
  for (const [name, uid] of Object.entries(UIDS)) {
    appendFileSync(join(etc, 'passwd'), `${name}:x:${uid}:${uid}::/:/bin/sh\n`);
    appendFileSync(join(etc, 'group'), `${name}:x:${uid}:\n`);
  }
  symlinkSync(GATEHOUSE, join(root, 'bin/gatehouse'));
  return root;
}

/** `gatehouse` is on the PATH of its scripts. */
function hostIn(root: string): Host {
  const env = { PATH: `${join(root, 'bin')}:${process.env.PATH}`, HOME: '/' };
  const mounts = ['etc:/etc', 'run:/run', 'lib:/var/lib'].map((pair) => pair.split(':'));
  const entering = mounts.map(([from, to]) => `mount --bind ${root}/${from} ${to}`).join(' && ');
  const inside = (words: readonly string[]) => ['--mount', 'sh', '-c', `${entering} && exec "$@"`, 'sh', ...words];
  const as = (account: Account, words: readonly string[]) =>
    inside(
      account === 'root'
        ? words
        : ['setpriv', '--reuid', account, '--regid', account, '--clear-groups', '--', ...words],
    );
  const call = (account: Account, args: readonly string[]) =>
    spawn('unshare', as(account, [GATEHOUSE, ...args]), { cwd: '/', env, stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    etc: join(root, 'etc'),
    run(account, args, input = '') {
      const child = call(account, args);
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
    },
    console: (account) => openPty('unshare', as(account, [GATEHOUSE]), { environment: env }),
    sh(script) {
      const { status, stderr } = spawnSync('unshare', inside(['sh', '-ec', script]), { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    },
    async serve() {
      this.sh('install -d -o gatehouse -g gatehouse -m 755 /run/gatehouse');
      const server = serverProcess(call('gatehouse', ['serve']));
      onTestFinished(async () => {
        await server.stop();
      });
      await server.says('Answers at');
    },
  };
}

/** The first block of commands in the README, but for what needs systemd. */
function setUpCommands(): string {
  const readme = readFileSync('examples/systemd/README.md', 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(block).toContain('install -d -o gatehouse -g gatehouse -m 755 /etc/gatehouse');
  return block
    .split('\n')
    .filter((line) => !/systemctl|systemd|doctor/.test(line))
    .join('\n');
}

const LOGIN = ['--config', '/etc/gatehouse/config.ini', 'login', '--front-end', 'line', '--', '/bin/echo', 'PROGRAM'];
const ANSWERS = `bob\n${PASSWORD}\n`;

describe.skipIf(lacking)(`the layout of the systemd example ${lacking}`, () => {
  let template: string | undefined;
  afterAll(() => {
    if (template !== undefined) rmSync(template, { recursive: true, force: true });
  });

  async function setUp(): Promise<string> {
    const root = makeRoot();
    const machine = hostIn(root);
    machine.sh(setUpCommands());
    for (const words of [['bob'], ['ops', '--role', 'admin']]) {
      const add = await machine.run('gatehouse', ['user', 'add', ...words, '--password-stdin'], `${PASSWORD}\n`);
      expect(add.status, add.stderr).toBe(0);
    }
    return root;
  }

  /** Set up once, then copied with its owners. */
  async function standing(): Promise<Host> {
    template ??= await setUp();
    const root = exampleFolder();
    execFileSync('cp', ['-a', `${template}/.`, root]);
    return hostIn(root);
  }

  const granted = { status: 0, stdout: 'PROGRAM\n' };

  it('lets users in by a config.ini of the server’s account, which they may read and nobody else may write', async () => {
    const machine = await standing();
    await machine.serve();
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject(granted);
    // Without --config it is the one of the host.
    expect(await machine.run('alice', LOGIN.slice(2), ANSWERS)).toMatchObject(granted);
    const config = join(machine.etc, 'gatehouse/config.ini');
    expect(statSync(config)).toMatchObject({ uid: UIDS.gatehouse, gid: UIDS.gatehouse, mode: 0o100644 });

    const set = await machine.run('gatehouse', ['config', 'set', 'Login.Attempts', '4']);
    expect(set, set.stderr).toMatchObject({ status: 0, stdout: 'Login.Attempts is 4.\n' });
    expect(statSync(config)).toMatchObject({ uid: UIDS.gatehouse, gid: UIDS.gatehouse, mode: 0o100644 });
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject(granted);
    expect(await machine.run('alice', LOGIN, 'bob\nwrong\nwrong\nwrong\nwrong\n')).toMatchObject({ status: 77 });
  });

  it('lets the console write config.ini, and gates read what it has written', async () => {
    const machine = await standing();
    await machine.serve();
    const screen = machine.console('gatehouse');
    await screen.until(/User name/);
    screen.type('ops\r');
    await screen.until(/Password/);
    screen.type(`${PASSWORD}\r`);
    await screen.until(/ops \(admin\)/);
    while (!/Gatehouse . Config/.test(screen.text())) {
      const before = screen.text().split('\n')[0] ?? '';
      screen.type('\t');
      await screen.until((text) => !text.startsWith(before));
    }
    screen.type('j\r');
    await screen.until(/Attempts {2}3 _/);
    screen.type('\x7f4\r');
    await screen.until(/1 change not saved/);
    screen.type('s');
    await screen.until(/Yes, save this change/);
    screen.type('y');
    await screen.until(/Attempts +4$/m);
    screen.type('q');
    expect(await screen.exited).toBe(0);
    const config = join(machine.etc, 'gatehouse/config.ini');
    expect(readFileSync(config, 'utf8')).toMatch(/^Attempts=4$/m);
    expect(statSync(config)).toMatchObject({ uid: UIDS.gatehouse, gid: UIDS.gatehouse, mode: 0o100644 });
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject(granted);
  });

  it('is in order to doctor as the account of the server; root is told to run it as that', async () => {
    const machine = await standing();
    await machine.serve();
    const checks = await machine.run('gatehouse', ['doctor', '--json']);
    expect(checks.status, checks.stdout).toBe(0);
    const { checks: found } = JSON.parse(checks.stdout);
    for (const name of ['config', 'folders', 'server']) {
      expect(found).toContainEqual(expect.objectContaining({ name, level: 'ok' }));
    }
    for (const account of ['root', 'alice'] as const) {
      const { status, stdout } = await machine.run(account, ['doctor']);
      expect(status).toBe(78);
      expect(stdout).toContain('belongs to gatehouse (uid 61010)');
      expect(stdout).toContain('sudo -u gatehouse gatehouse ...');
      expect(stdout).not.toContain('chown');
    }
    const gate = await machine.run('root', LOGIN, ANSWERS);
    expect(gate).toMatchObject({ status: 69, stdout: '' });
    expect(gate.stderr).toContain('Run the gate as the account of your program');
  });

  it('lets nobody in by a config.ini that was given away, or once the folder is root’s and the file is not', async () => {
    const machine = await standing();
    await machine.serve();
    const folder = join(machine.etc, 'gatehouse');
    const config = join(folder, 'config.ini');
    chownSync(config, UIDS.mallory, UIDS.mallory);
    const refused = await machine.run('alice', LOGIN, ANSWERS);
    expect(refused).toMatchObject({ status: 69, stdout: '' });
    expect(refused.stderr).toContain('belongs to mallory (uid 61012)');
    expect(await machine.run('gatehouse', ['config', 'list'])).toMatchObject({ status: 69, stdout: '' });
    chownSync(folder, 0, 0);
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject({ status: 69, stdout: '' });
    // All of it root's: the server's account is known by the socket's folder, which root has given it.
    chownSync(config, 0, 0);
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject(granted);
    machine.sh('chown mallory /run/gatehouse/gate.sock');
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject({ status: 69, stdout: '' });
  });

  it('takes the word of the server’s account for a server alone, and of another account nowhere else', async () => {
    const machine = await standing();
    await machine.serve();
    machine.sh(
      'install -d -o gatehouse -g gatehouse -m 755 /etc/elsewhere && cp -p /etc/gatehouse/config.ini /etc/elsewhere',
    );
    const elsewhere = ['--config', '/etc/elsewhere/config.ini', ...LOGIN.slice(2)];
    expect(await machine.run('alice', elsewhere, ANSWERS)).toMatchObject({ status: 69, stdout: '' });
    expect((await machine.run('gatehouse', ['config', 'set', 'Server.Socket', ''])).status).toBe(0);
    const local = await machine.run('alice', LOGIN, ANSWERS);
    expect(local).toMatchObject({ status: 69, stdout: '' });
    expect(local.stderr).toContain('sudo -u gatehouse gatehouse ...');
  });

  it('warns of a folder that a group may write, but not whoever logs in', async () => {
    const machine = await standing();
    await machine.serve();
    chmodSync(join(machine.etc, 'gatehouse'), 0o775);
    const warning = 'Run: chmod g-w /etc/gatehouse';
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject({
      ...granted,
      stderr: expect.not.stringContaining('chmod'),
    });
    const read = await machine.run('gatehouse', ['config', 'get', 'Login.Attempts']);
    expect(read).toMatchObject({ status: 0, stdout: '3\n' });
    expect(read.stderr.split(warning)).toHaveLength(2);
    expect(await machine.run('gatehouse', ['config', 'get', 'Login.Attempts', '--json'])).toMatchObject({ stderr: '' });
    const doctor = await machine.run('gatehouse', ['doctor']);
    expect(doctor.stdout).toMatch(/WARN {2}folders .*chmod g-w \/etc\/gatehouse/);
    expect(doctor.stderr).toBe('');
    chmodSync(join(machine.etc, 'gatehouse'), 0o777);
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject({ status: 69, stdout: '' });
    expect(await machine.run('gatehouse', ['config', 'list'])).toMatchObject({ status: 69, stdout: '' });
  });

  it('goes on after root has edited config.ini, and the console is told how to change it again', async () => {
    const machine = await standing();
    await machine.serve();
    machine.sh('sed -i s/LIVE/TEST/ /etc/gatehouse/config.ini && chown root:root /etc/gatehouse/config.ini');
    expect(await machine.run('alice', LOGIN, ANSWERS)).toMatchObject(granted);
    const refused = await machine.run('gatehouse', ['config', 'set', 'Login.Attempts', '4']);
    expect(refused.stderr).toContain('sudo chown gatehouse /etc/gatehouse/config.ini');
    machine.sh('chown gatehouse /etc/gatehouse/config.ini && chmod 600 /etc/gatehouse/config.ini');
    expect((await machine.run('gatehouse', ['config', 'set', 'Login.Attempts', '4'])).status).toBe(0);
    const doctor = await machine.run('gatehouse', ['doctor']);
    expect(doctor.stdout).toContain('Run: chmod go+r /etc/gatehouse/config.ini');
  });
});
