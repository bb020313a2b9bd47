/**
 * C34: a facility's whole day with canaries for passwords, secrets and codes, and then a search for them wherever a machine keeps traces:
 * every file below its folder, what its programs printed, terminal bytes and scrollback, /proc, and what is left after a crash.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { timeStepAt } from '../../src/core/time-step.ts';
import { secretBytes } from '../support/authenticator.ts';
import { emptyShell, GATEHOUSE, type Shell } from '../support/gatehouse-process.ts';
import { jsonLogin, secretIn } from '../support/host-login.ts';
import { appCode } from '../support/json-login.ts';
import { openPty, type PtyScreen } from '../support/pty-screen.ts';
import { serverProcess } from '../support/served-facility.ts';

/** Some thirty processes, on a machine that may have more to do. */
vi.setConfig({ testTimeout: 180_000 });

const ROOT_PASSWORD = 'canary-admin-larkspur-41';
const PASSWORD = 'canary-user-hyacinth-77';
const WRONG_PASSWORD = 'canary-wrong-foxglove-13';
const PASSWORDS = [ROOT_PASSWORD, PASSWORD, WRONG_PASSWORD];

/** What was said where, so that a failure names the place and not the secret. */
type Traces = { add(place: string, text: string): void; readonly places: ReadonlyMap<string, string> };

function traces(): Traces {
  const places = new Map<string, string>();
  return { add: (place, text) => places.set(place, (places.get(place) ?? '') + text), places };
}

/** Every spelling in which 20 bytes could have got somewhere. */
function spellings(base32: string): readonly string[] {
  const bytes = Buffer.from(secretBytes(base32));
  const groups = base32.match(/.{1,4}/g) ?? [];
  return [
    ...[base32, base32.toLowerCase(), groups.join(' '), groups.join('  ')],
    // Typed keys stand on two lines.
    ...[groups.slice(0, 4).join(' '), groups.slice(4).join(' '), base32.slice(0, 16), base32.slice(16)],
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('latin1')],
    ...[bytes.toString('base64').slice(0, 26), bytes.toString('base64url').slice(0, 26)],
  ];
}

/** Which places have one of these, but for those that may. */
function found(places: ReadonlyMap<string, string>, needles: readonly string[]): readonly string[] {
  return [...places].filter(([, text]) => needles.some((needle) => text.includes(needle))).map(([place]) => place);
}

/** Files below a folder, as Latin-1: each byte is a character. */
function addFiles(seen: Traces, folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' }).filter((entry) =>
    entry.isFile(),
  );
  for (const { parentPath, name } of files) {
    seen.add(`file ${name}`, readFileSync(join(parentPath, name), 'latin1'));
  }
  return files.length;
}

function addProcess(seen: Traces, what: string, pid: number): void {
  seen.add(`${what}: argv`, readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  seen.add(`${what}: environment`, readFileSync(`/proc/${pid}/environ`, 'latin1'));
}

/** The bytes that went to a terminal, and what scrolling back shows after the end. */
function addTerminal(seen: Traces, what: string, pty: PtyScreen): void {
  seen.add(`${what}: bytes`, pty.bytes());
  const { normal } = pty.terminal.buffer;
  const lines = Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString() ?? '');
  seen.add(`${what}: scrollback`, lines.join('\n'));
}

async function facility(seen: Traces): Promise<{ readonly shell: Shell; readonly temporary: string }> {
  const shell = emptyShell();
  const temporary = join(shell.folder, 'tmp');
  mkdirSync(temporary, { mode: 0o700 });
  const run = async (args: readonly string[], input = '') => {
    const { stdout, stderr, status } = await shell.run(args, { input, environment: { TMPDIR: temporary } });
    seen.add(`gatehouse ${args.slice(0, 2).join(' ')}`, stdout + stderr);
    if (status !== 0) throw new Error(`gatehouse ${args.join(' ')}: ${status} ${stderr}`);
  };
  const named = ['--label', 'St Elsewhere LIVE', '--admin', 'root', '--password-stdin'];
  await run(['init', '--mode', 'auto', ...named], `${ROOT_PASSWORD}\n`);
  for (const name of ['alice', 'bob']) await run(['user', 'add', name, '--password-stdin'], `${PASSWORD}\n`);
  await run(['2fa', 'require', '--all']);
  // A busy machine is no reason to end a log-on.
  await run(['config', 'set', 'Login.TimeoutSeconds', '900']);
  return { shell, temporary };
}

/** The output is what was asked for: it goes into no trace. */
async function uriOf(shell: Shell, name: string): Promise<string> {
  return (await shell.run(['2fa', 'qr', name, '--format', 'uri'])).stdout.trim();
}

function codeNow(uri: string): string {
  return appCode(uri, timeStepAt(Date.now()));
}

function openGate(shell: Shell, ...words: readonly string[]): PtyScreen {
  return openPty(GATEHOUSE, words, { folder: shell.folder, environment: { TMPDIR: join(shell.folder, 'tmp') } });
}

async function nameAndPassword(pty: PtyScreen, name: string, password: string): Promise<void> {
  await pty.until(/› User name|User name:? ?$/);
  pty.type(`${name}\r`);
  await pty.until(/› Password|Password:? ?$/);
  pty.type(`${password}\r`);
}

describe('a whole day at a facility', () => {
  it('leaves no password, secret or code in files, output, terminals, argv or environment', async () => {
    const seen = traces();
    const { shell } = await facility(seen);
    const uri = await uriOf(shell, 'alice');
    const rootUri = await uriOf(shell, 'root');
    // Paired by a host that offers no recovery codes; with the code before this one, so that this one is left.
    for (const [username, password, scanned] of [
      ['alice', PASSWORD, uri],
      ['root', ROOT_PASSWORD, rootUri],
    ] as const) {
      const code = () => appCode(scanned, timeStepAt(Date.now()) - 1);
      const { done, said, stderr } = await jsonLogin(shell.folder, { username, password, code });
      expect(done).toMatchObject({ outcome: 'granted' });
      seen.add('first log-on', JSON.stringify(said) + stderr);
    }

    // At a form: a wrong password, the right one, a wrong code, the right one.
    const form = openGate(shell, 'login', '--front-end', 'ink');
    await nameAndPassword(form, 'alice', WRONG_PASSWORD);
    await form.until(/Login incorrect/);
    await nameAndPassword(form, 'alice', PASSWORD);
    await form.until(/› Code/);
    addProcess(seen, 'form', form.pid);
    form.type('000000\r');
    await form.until(/not right/);
    const aliceCode = codeNow(uri);
    form.type(`${aliceCode}\r`);
    expect(await form.exited).toBe(0);
    addTerminal(seen, 'form', form);

    // Pairing at plain prompts: the key is shown, and has to be gone.
    const pairing = openGate(shell, 'login', '--front-end', 'line');
    await nameAndPassword(pairing, 'bob', PASSWORD);
    const screen = await pairing.until(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/);
    const bobSecret = [...screen.matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' ').replaceAll(' ', '');
    expect(bobSecret).toMatch(/^[A-Z2-7]{32}$/);
    await pairing.until(/Code/);
    addProcess(seen, 'pairing', pairing.pid);
    const bobCode = codeNow(`otpauth://totp/x?secret=${bobSecret}`);
    pairing.type(`${bobCode}\r`);
    await pairing.until(/Show recovery codes|recovery codes/);
    pairing.type('skip\r');
    expect(await pairing.exited).toBe(0);
    seen.add('pairing: screen at the end', pairing.text());
    const { normal } = pairing.terminal.buffer;
    const scrollback = Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString());
    seen.add('pairing: scrollback', scrollback.join('\n'));

    // Codes for people without a phone, and the console of an administrator.
    const { code: oneTime } = (await shell.json(['2fa', 'one-time', 'alice'])) as { code: string };
    const { codes: recovery } = (await shell.json(['2fa', 'recovery', 'bob'])) as { codes: string[] };
    const console = openGate(shell);
    await nameAndPassword(console, 'root', ROOT_PASSWORD);
    await console.until(/› Code|Code/);
    const rootCode = codeNow(rootUri);
    console.type(`${rootCode}\r`);
    await console.until(/root \(admin\)/);
    addProcess(seen, 'console', console.pid);
    console.type('q');
    expect(await console.exited).toBe(0);
    addTerminal(seen, 'console', console);

    // A server that logs, and a thin client of it that tries the one-time code and a recovery code.
    await shell.json(['config', 'set', 'Server.Socket', 'run/gate.sock']);
    mkdirSync(join(shell.folder, 'run'), { mode: 0o755 });
    chmodSync(shell.folder, 0o755);
    const { PATH = '' } = process.env;
    const server = serverProcess(
      spawn(GATEHOUSE, ['serve'], { cwd: shell.folder, env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    await server.says('Answers at');
    for (const [user, code] of [
      ['alice', oneTime],
      ['bob', recovery[0] ?? ''],
    ] as const) {
      const login = await jsonLogin(shell.folder, { username: user, password: PASSWORD, code });
      expect(login.done).toMatchObject({ outcome: 'granted' });
      seen.add('host: stdout', JSON.stringify(login.said));
      seen.add('host: stderr', login.stderr);
    }
    addProcess(seen, 'server', server.pid);
    await server.stop();
    seen.add('server: log', server.log());

    for (const args of [
      ['audit', 'list'],
      ['doctor'],
      ['config', 'list'],
      ['user', 'show', 'alice'],
      ['key', 'check'],
    ]) {
      const { stdout, stderr } = await shell.run(args);
      seen.add(`gatehouse ${args.join(' ')}`, stdout + stderr);
    }
    expect(addFiles(seen, shell.folder)).toBeGreaterThan(5);

    expect(found(seen.places, PASSWORDS)).toEqual([]);
    const secrets = [secretIn(uri), secretIn(rootUri), bobSecret].flatMap(spellings);
    // The search finds what it looks for: the key was on that screen, while it was shown.
    expect(found(new Map([['shown', pairing.bytes()]]), spellings(bobSecret))).toEqual(['shown']);
    expect(found(seen.places, secrets)).toEqual([]);
    const once = [oneTime, ...recovery].flatMap((code) => [code, code.replaceAll('-', '')]);
    expect(found(seen.places, once)).toEqual([]);
    // Six digits are echoed where they are typed; they have no place in what is kept.
    const kept = new Map([...seen.places].filter(([place]) => /audit|config|log|environment|argv/.test(place)));
    expect(kept.size).toBeGreaterThan(8);
    expect(found(kept, [aliceCode, bobCode, rootCode])).toEqual([]);
    // What there has to be instead.
    expect(found(seen.places, ['$argon2id$'])).toEqual(['file gatehouse.db']);
    expect(found(seen.places, ['v1.'])).toContain('file gatehouse.db');
  });
});

describe('a gate that crashes', () => {
  it('has core dumps off whatever the caller allows, and leaves nothing behind but its exit status', async () => {
    const seen = traces();
    const { shell, temporary } = await facility(seen);
    await uriOf(shell, 'alice');
    const gate = openPty('/bin/sh', ['-c', 'ulimit -S -c unlimited 2>/dev/null; exec "$0" "$@"', GATEHOUSE, 'login'], {
      folder: shell.folder,
      environment: { TMPDIR: temporary },
    });
    await nameAndPassword(gate, 'alice', PASSWORD);
    await gate.until(/› Code/);
    const limits = readFileSync(`/proc/${gate.pid}/limits`, 'latin1');
    expect(/^Max core file size\s+(\d+|unlimited)/m.exec(limits)?.[1]).toBe('0');
    process.kill(gate.pid, 'SIGSEGV');
    expect(await gate.exited).toBe(128 + 11);
    addTerminal(seen, 'crash', gate);
    addFiles(seen, shell.folder);
    expect(existsSync(join(shell.folder, 'core'))).toBe(false);
    expect(found(seen.places, PASSWORDS)).toEqual([]);
  });

  it('says what broke beneath it without quoting what was typed or what it read', async () => {
    const seen = traces();
    const { shell } = await facility(seen);
    const uri = await uriOf(shell, 'alice');
    const keyFile = join(shell.folder, 'data/gatehouse.key');
    const key = readFileSync(keyFile, 'utf8');
    const keys = [...key.matchAll(/"key": "([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(keys).toHaveLength(3);
    const database = join(shell.folder, 'data/gatehouse.db');
    const login = await jsonLogin(shell.folder, {
      username: 'alice',
      password: PASSWORD,
      code: () => {
        truncateSync(database, Math.floor(statSync(database).size / 2));
        return codeNow(uri);
      },
    });
    expect(login.done?.outcome).toBe('unavailable');
    seen.add('stdout', JSON.stringify(login.said));
    seen.add('stderr', login.stderr);
    // Half of a key file, that a parser would quote.
    truncateSync(keyFile, Math.floor(key.length / 2));
    const after = await shell.run(['user', 'list']);
    expect(after.status).toBe(69);
    seen.add('user list', after.stdout + after.stderr);
    expect(found(seen.places, [...PASSWORDS, ...keys, ...spellings(secretIn(uri))])).toEqual([]);
  });
});
