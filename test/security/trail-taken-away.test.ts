/**
 * The attack: make records of the audit trail disappear, with every right to the files and without the key (C39). The
 * database knows where the trail ends, so `audit verify` and `doctor` say that something is missing. A database that
 * somebody put back by hand, older than its trail, lets nobody in.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Shell } from '../support/gatehouse-process.ts';
import { jsonLogin } from '../support/host-login.ts';
import { manyRecords } from '../support/many-records.ts';
import { copyFolder, preparedFacility } from '../support/prepared-facility.ts';

const PASSWORD = 'tulips in the morning';
const ENGINES = ['sqljs', 'sqlite'] as const;

/** Its trail is in the files, and the database has no rows of it but the last one's. */
const facility = preparedFacility({
  mode: 'off',
  async prepare(shell) {
    await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
    await changes(shell, 'one', 'two', 'three');
    await whole(shell);
    await changes(shell, 'four');
    await whole(shell);
  },
});

/** One record each. */
async function changes(shell: Shell, ...displays: readonly string[]): Promise<void> {
  for (const display of displays) await shell.json(['user', 'set', 'alice', '--display', display]);
}

/** Copies to the files what is not there yet, too. Answers the end of the trail. */
async function whole(shell: Shell): Promise<string> {
  const verified = (await shell.json(['audit', 'verify'])) as { readonly ok: boolean; readonly end: string };
  expect(verified).toMatchObject({ ok: true, firstBroken: null });
  return verified.end;
}

const audit = ({ folder }: Shell) => join(folder, 'data/audit');
const segments = (shell: Shell) =>
  readdirSync(audit(shell))
    .filter((name) => name.endsWith('.jsonl'))
    .sort();

async function saidToBeBroken(shell: Shell): Promise<void> {
  const { status, stdout } = await shell.run(['audit', 'verify', '--json']);
  expect({ status, ok: JSON.parse(stdout).ok }).toEqual({ status: 65, ok: false });
  const doctor = JSON.parse((await shell.run(['doctor', '--json'])).stdout);
  const found = doctor.checks.filter((check: { name: string; level: string }) => check.name === 'audit');
  expect(found).toMatchObject([{ level: 'fail' }]);
  expect(doctor.ok).toBe(false);
}

/** Lines off the end of the newest segment. */
function cutLines(shell: Shell, count: number): void {
  const path = join(audit(shell), segments(shell).at(-1) ?? '');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${lines.slice(0, -count).join('\n')}\n`);
}

const SLOT_BYTES = 256;

/** The newer of the two slots of the noted end, or both. */
function blankEnd(shell: Shell, which: 'newer' | 'both'): void {
  const path = join(audit(shell), 'end');
  const bytes = readFileSync(path);
  expect(bytes).toHaveLength(2 * SLOT_BYTES);
  const starts = [0, SLOT_BYTES];
  const numbers = starts.map((start) => {
    const text = bytes.toString('latin1', start, start + SLOT_BYTES).trim();
    return text === '' ? -1 : Number(JSON.parse(text).seq);
  });
  for (const [index, start] of starts.entries()) {
    if (which === 'both' || numbers[index] === Math.max(...numbers)) bytes.fill(' ', start, start + SLOT_BYTES);
  }
  writeFileSync(path, bytes);
}

type Attack = (shell: Shell) => void | Promise<void>;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'all of it is removed': (shell) => rmSync(audit(shell), { recursive: true }),
  'all of it is removed, and an empty folder put there': (shell) => {
    for (const name of readdirSync(audit(shell))) rmSync(join(audit(shell), name), { recursive: true });
  },
  'its records are removed, and the noted end is left': (shell) => {
    for (const name of segments(shell)) rmSync(join(audit(shell), name));
  },
  'its last records are cut off': (shell) => cutLines(shell, 2),
  'its last records are cut off and the newer half of the noted end is blanked': (shell) => {
    cutLines(shell, 2);
    blankEnd(shell, 'newer');
  },
  'its last records are cut off and the noted end is blanked': (shell) => {
    cutLines(shell, 2);
    blankEnd(shell, 'both');
  },
  'its last records are cut off and the noted end is removed': (shell) => {
    cutLines(shell, 2);
    rmSync(join(audit(shell), 'end'));
  },
  'a record in it is removed': (shell) => {
    const path = join(audit(shell), segments(shell)[0] ?? '');
    const [first = '', , ...rest] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [first, ...rest].join('\n'));
  },
  'an older copy of its folder is put back': async (shell) => {
    const copy = join(shell.folder, 'older');
    copyFolder(audit(shell), copy);
    await changes(shell, 'five', 'six');
    await whole(shell);
    await changes(shell, 'seven');
    await whole(shell);
    rmSync(audit(shell), { recursive: true });
    copyFolder(copy, audit(shell));
  },
};

describe.each(ENGINES)('an audit trail whose database is %s', (engine) => {
  it('is whole for those who changed nothing in it', async () => {
    const shell = await facility(engine);
    await whole(shell);
    const { checks } = (await shell.json(['doctor'])) as {
      readonly checks: readonly { name: string; level: string }[];
    };
    expect(checks.filter(({ name }) => name === 'audit')).toMatchObject([{ level: 'ok' }]);
  });

  it.each(Object.keys(ATTACKS))('is said to be broken when %s', async (attack) => {
    const shell = await facility(engine);
    await ATTACKS[attack]?.(shell);
    await saidToBeBroken(shell);
    // Nor is it whole again when the next records have been written behind the gap.
    await changes(shell, 'later');
    await saidToBeBroken(shell);
  });

  it('is not said to be whole without its database', async () => {
    const shell = await facility(engine);
    const database = join(shell.folder, 'data/gatehouse.db');
    renameSync(database, `${database}.away`);
    const { status, stdout } = await shell.run(['audit', 'verify', '--json']);
    expect(status).toBe(75);
    expect(stdout).not.toMatch(/"ok": *true/);
  });
});

describe.each(ENGINES)('a database of %s that somebody put back by hand', (engine) => {
  /** The facility with its database of two changes ago. */
  async function rolledBack(): Promise<Shell> {
    const shell = await facility(engine);
    const database = join(shell.folder, 'data/gatehouse.db');
    const login = await logIn(shell, PASSWORD);
    expect(login).toMatchObject({ status: 0, done: { outcome: 'granted' } });
    await whole(shell);
    copyFileSync(database, join(shell.folder, 'older.db'));
    expect(existsSync(`${database}-wal`)).toBe(false);
    await changes(shell, 'five', 'six');
    await whole(shell);
    copyFileSync(join(shell.folder, 'older.db'), database);
    return shell;
  }

  it('lets nobody in, takes no change, and says what to do; wrong passwords are counted', async () => {
    const shell = await rolledBack();
    const login = await logIn(shell, PASSWORD);
    expect(login).toMatchObject({ status: 75, done: { outcome: 'unavailable', reason: 'busy' } });
    for (const args of [
      ['user', 'set', 'alice', '--role', 'admin'],
      ['config', 'set', 'Login.Attempts', '9'],
    ]) {
      const { status, stderr } = await shell.run(args);
      expect({ args, status }).toEqual({ args, status: 75 });
      expect(stderr).toContain('gatehouse restore');
    }
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ role: 'user' });
    expect(await shell.json(['config', 'get', 'Login.Attempts'])).toMatchObject({ value: '3' });
    expect((await logIn(shell, 'no such password')).done).toMatchObject({ outcome: 'denied' });
    await saidToBeBroken(shell);
  });

  it('goes unseen together with a folder of the same age, but by an end that was noted elsewhere', async () => {
    const shell = await facility(engine);
    const database = join(shell.folder, 'data/gatehouse.db');
    copyFileSync(database, join(shell.folder, 'older.db'));
    copyFolder(audit(shell), join(shell.folder, 'older'));
    await changes(shell, 'five', 'six');
    const noted = await whole(shell);
    expect(noted).toMatch(/^\d+:[\w-]{43}$/);
    copyFileSync(join(shell.folder, 'older.db'), database);
    rmSync(audit(shell), { recursive: true });
    copyFolder(join(shell.folder, 'older'), audit(shell));
    await whole(shell);
    const { status, stdout } = await shell.run(['audit', 'verify', '--expect', noted, '--json']);
    expect({ status, ok: JSON.parse(stdout).ok }).toEqual({ status: 65, ok: false });
  });
});

function logIn({ folder }: Shell, password: string) {
  let left: string | undefined = password;
  return jsonLogin(folder, {
    username: 'alice',
    password() {
      const once = left;
      left = undefined;
      return once;
    },
  });
}

describe('a trail of several segments', () => {
  it('is said to be broken when one of them is removed, whichever it is', async () => {
    const shell = await facility('sqlite');
    await manyRecords(shell, 10_020);
    await whole(shell);
    await changes(shell, 'the last row leaves the table');
    await whole(shell);
    const names = segments(shell);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const path = join(audit(shell), name);
      renameSync(path, join(shell.folder, 'segment'));
      await saidToBeBroken(shell);
      renameSync(join(shell.folder, 'segment'), path);
    }
    await whole(shell);
  });
});
