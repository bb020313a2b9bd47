/**
 * The attack: keep a change out of the audit trail, by breaking the audit folder or by killing the command between the
 * two (C36). Each command that changes something is run in a facility that is broken in one way; afterwards, with the
 * folder whole again, change and record are both there or neither is, and what the command said is true.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { acquireFileLock } from '../../src/core/node/file-lock.ts';
import { phoneCode } from '../support/authenticator.ts';
import { GATEHOUSE, type Run, type Shell } from '../support/gatehouse-process.ts';
import { jsonLogin, pairIn, secretIn } from '../support/host-login.ts';
import { manyRecords } from '../support/many-records.ts';
import { preparedFacility } from '../support/prepared-facility.ts';
import fc, { PROPERTY_SEED } from '../support/properties.ts';

const PASSWORD = 'tulips in the morning';

/** One user for each command, called as what is done to it. */
const facility = preparedFacility({
  mode: 'auto',
  settings: {
    'Lockout.LongestDelaySeconds': '86400',
    'Lockout.FirstDelaySeconds': '86400',
    'Lockout.PasswordFailures': '1',
  },
  async prepare({ json, folder }) {
    const names = ['set', 'disable', 'enable', 'remove', 'unlock', 'require', 'deactivate', 'one-time', 'qr'];
    await json(['user', 'import', '-'], { input: ['name', ...names, ''].join('\n') });
    for (const name of ['passwd', 'recovery']) {
      await json(['user', 'add', name, '--password-stdin'], { input: `${PASSWORD}\n` });
    }
    await json(['user', 'disable', 'enable']);
    await json(['2fa', 'require', 'deactivate', 'one-time', 'qr', 'recovery']);
    await jsonLogin(folder, { username: 'unlock', password: 'wrong' });
    const paired = await jsonLogin(folder, {
      username: 'recovery',
      password: PASSWORD,
      code: (said) => phoneCode(secretIn(pairIn(said).uri)),
    });
    expect(paired.done?.outcome).toBe('granted');
  },
});

type Situation = {
  readonly users: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Users who have a one-time code, and recovery codes. */
  readonly oneTime: readonly string[];
  readonly recovery: readonly string[];
  readonly config: string;
};

type Deed = {
  readonly args: readonly string[];
  readonly isDone: (now: Situation) => boolean;
  readonly event: string;
  /** Takes the record back: announced, and not made. */
  readonly undone?: string;
  /** Where the command prints a secret. */
  readonly secret?: RegExp;
};

const DEEDS: readonly Deed[] = [
  { args: ['user', 'add', 'add', '--no-password'], event: 'user.added', isDone: ({ users }) => users.has('add') },
  { args: ['user', 'set', 'set', '--role', 'admin'], event: 'user.edited', isDone: is('set', 'role', 'admin') },
  { args: ['user', 'disable', 'disable'], event: 'user.disabled', isDone: is('disable', 'status', 'disabled') },
  { args: ['user', 'enable', 'enable'], event: 'user.enabled', isDone: is('enable', 'status', 'active') },
  { args: ['user', 'remove', 'remove', '--yes'], event: 'user.removed', isDone: ({ users }) => !users.has('remove') },
  {
    args: ['user', 'passwd', 'passwd', '--generate'],
    event: 'user.password-set',
    isDone: is('passwd', 'mustChangePassword', true),
    secret: /([a-z2-9]{5}-){3}[a-z2-9]{5}/,
  },
  { args: ['user', 'unlock', 'unlock'], event: 'user.unlocked', isDone: is('unlock', 'lockedUntil', null) },
  { args: ['2fa', 'require', 'require'], event: 'two-factor.required', isDone: is('require', 'twoFactor', 'required') },
  {
    args: ['2fa', 'deactivate', 'deactivate', '--yes'],
    event: 'two-factor.deactivated',
    isDone: is('deactivate', 'twoFactor', 'off'),
  },
  {
    args: ['2fa', 'one-time', 'one-time'],
    event: 'one-time.made',
    isDone: ({ oneTime }) => oneTime.includes('one-time'),
    secret: /\w{4,}-\w{4,}|\d{6,}/,
  },
  {
    args: ['2fa', 'recovery', 'recovery'],
    event: 'recovery.made',
    isDone: ({ recovery }) => recovery.includes('recovery'),
    secret: /\w{4,}-\w{4,}/,
  },
  {
    args: ['2fa', 'qr', 'qr', '--format', 'uri'],
    event: 'pairing.issued',
    isDone: is('qr', 'twoFactor', 'issued'),
    secret: /secret=/,
  },
  {
    args: ['config', 'set', 'Login.Attempts', '7'],
    event: 'config.changed',
    undone: 'config.not-changed',
    isDone: ({ config }) => /^Attempts=7$/m.test(config),
  },
];

function is(name: string, field: string, value: unknown): Deed['isDone'] {
  return ({ users }) => users.get(name)?.[field] === value;
}

/** Breaks the facility; what it answers makes it whole again. */
type Breakage = (shell: Shell) => Promise<() => void>;

/** Something else in the place of the audit folder. */
const replaced =
  (by: (folder: string) => void): Breakage =>
  async ({ folder }) => {
    const audit = join(folder, 'data/audit');
    renameSync(audit, `${audit}.away`);
    by(audit);
    return () => {
      rmSync(audit, { recursive: true, force: true });
      renameSync(`${audit}.away`, audit);
    };
  };

const lockIsFolder: Breakage = async ({ folder }) => {
  const lock = join(folder, 'data/audit/lock');
  rmSync(lock, { force: true });
  mkdirSync(lock);
  return () => rmSync(lock, { recursive: true });
};

/** By this process, which is another one than the command. */
const lockIsHeld: Breakage = async ({ folder }) => {
  const path = join(folder, 'data/audit/lock');
  const lock = await acquireFileLock({ path, what: 'audit trail', waitMs: 1000 });
  return () => lock.release();
};

const BROKEN: Readonly<Record<string, Breakage>> = {
  'a file in the place of the audit folder': replaced((audit) => writeFileSync(audit, 'in the way')),
  'a dangling link in the place of the audit folder': replaced((audit) => symlinkSync('nowhere', audit)),
  'a folder in the place of the lock of the trail': lockIsFolder,
  'the lock of the trail held by another process': lockIsHeld,
};

export function changeAndRecord(engine: StoreEngine, breakages: readonly string[]): void {
  describe(`a command that changes something in ${engine}`, () => {
    it.each(breakages)('is done and recorded, or neither, with %s', async (breakage) => {
      const shell = await facility(engine);
      const before = await situation(shell);
      expect(DEEDS.filter(({ isDone }) => isDone(before))).toEqual([]);
      const repair = await BROKEN[breakage]?.(shell);
      const runs: Run[] = [];
      for (const { args } of DEEDS) runs.push(await shell.run(args));
      repair?.();
      // The trail is copied to its folder later on: nobody waits for that.
      expect(await judged(shell, runs)).toEqual(DEEDS.map(({ args }) => ({ args, status: 0, ...BOTH })));
      expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
    });

    it('is not done and not recorded where the trail takes no more records, and asks to try again', async () => {
      const shell = await facility(engine);
      const repair = await replaced((audit) => writeFileSync(audit, 'in the way'))(shell);
      await manyRecords(shell, QUEUE_MAX);
      const runs: Run[] = [];
      for (const { args } of DEEDS) runs.push(await shell.run(args));
      repair();
      expect(await judged(shell, runs)).toEqual(DEEDS.map(({ args }) => ({ args, status: 75, ...NEITHER })));
      // Looking at the trail copied it to its folder, so that there is room again.
      await shell.json(['user', 'disable', 'disable']);
      expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
    });

    it('is not done and not recorded on a disk that is full, and says so', async () => {
      const shell = await facility(engine);
      const runs: Run[] = [];
      for (const { args } of DEEDS) runs.push(await onFullDisk(shell, args));
      const found = await judged(shell, runs);
      expect(found.filter(({ status }) => status === 0)).toEqual([]);
      expect(found).toEqual(DEEDS.map(({ args }, index) => ({ args, status: runs[index]?.status, ...NEITHER })));
      for (const { stderr } of runs) expect(stderr).not.toMatch(/^\s+at /m);
      expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
    });

    it('is done and recorded, or neither, wherever it is killed', async () => {
      const [moments = []] = fc.sample(fc.array(fc.double({ min: 0.2, max: 1, noNaN: true }), LENGTHS), {
        seed: PROPERTY_SEED,
        numRuns: 1,
      });
      const seen = new Set<string>();
      for (const round of [0, 1]) {
        const shell = await facility(engine);
        const began = performance.now();
        await shell.run(['user', 'unlock', 'root']);
        const whole = performance.now() - began;
        const runs: Run[] = [];
        for (const [index, { args }] of DEEDS.entries()) {
          const moment = moments[round * DEEDS.length + index] ?? 0.5;
          runs.push(await killedAfter(shell, { args, ms: moment * whole }));
        }
        for (const { args, status, done, recorded, said } of await judged(shell, runs)) {
          expect({ args, status, recorded, said }).toEqual({ args, status, recorded: done, said: 'the truth' });
          seen.add(done ? 'done' : 'not done');
        }
        expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
      }
      // Else the moments were too early or too late to tell anything.
      expect([...seen].sort()).toEqual(['done', 'not done']);
    });
  });
}

/** The default of Audit.QueueMax. */
const QUEUE_MAX = 10_000;
const LENGTHS = { minLength: 2 * DEEDS.length, maxLength: 2 * DEEDS.length };
const BOTH = { done: true, recorded: true, said: 'the truth' };
const NEITHER = { done: false, recorded: false, said: 'the truth' };

type Judged = {
  readonly args: readonly string[];
  /** Null where it was killed. */
  readonly status: number | null;
  readonly done: boolean;
  readonly recorded: boolean;
  readonly said: string;
};

async function judged(shell: Shell, runs: readonly Run[]): Promise<readonly Judged[]> {
  // First of all: it settles what was announced for config.ini.
  const records = (await shell.json(['audit', 'list'])) as readonly { event: string; user?: string }[];
  const now = await situation(shell);
  return DEEDS.map(({ args, event, undone, isDone, secret }, index) => {
    const { status = null, stdout = '', stderr = '' } = runs[index] ?? {};
    const [group, , name] = args;
    const whose = (record: { user?: string }) => group === 'config' || record.user === name;
    const count = (wanted?: string) => records.filter((one) => one.event === wanted && whose(one)).length;
    const recorded = count(event) - count(undone) === 1;
    const done = isDone(now);
    return { args, status, done, recorded, said: verdict({ status, stdout, stderr, done, secret }) };
  });
}

/** Whether what the command said of itself is true. */
function verdict(said: Run & { readonly done: boolean; readonly secret: RegExp | undefined }): string {
  const { status, stdout, stderr, done, secret } = said;
  if (!done && secret?.test(stdout)) return `a secret that was not recorded: ${stdout}`;
  if (status === null) return 'the truth';
  if ((status === 0) !== done) return `status ${status}: ${stderr}`;
  if (done && /not changed|nothing was/i.test(stderr)) return stderr;
  return 'the truth';
}

async function situation(shell: Shell): Promise<Situation> {
  const users = (await shell.json(['user', 'list'])) as readonly { name: string }[];
  return {
    users: new Map(users.map((user) => [user.name, user])),
    ...codesIn(join(shell.folder, 'data/gatehouse.db')),
    config: readFileSync(join(shell.folder, 'config.ini'), 'utf8'),
  };
}

function codesIn(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  const whose = (table: string) =>
    database
      .prepare(`SELECT DISTINCT u.name FROM ${table} c JOIN users u ON u.id = c.user_id`)
      .all()
      .map(({ name }) => String(name));
  try {
    return { oneTime: whose('one_time_codes'), recovery: whose('recovery_codes') };
  } finally {
    database.close();
  }
}

/** A limit on the size of files does to the real program what a full disk does. */
function onFullDisk({ folder }: Shell, args: readonly string[]): Promise<Run> {
  const script = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
  return ended(spawnIn(folder, '/bin/bash', ['-c', script, GATEHOUSE, ...args]));
}

function killedAfter({ folder }: Shell, { args, ms }: { args: readonly string[]; ms: number }): Promise<Run> {
  const child = spawnIn(folder, GATEHOUSE, args);
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  return ended(child).finally(() => clearTimeout(timer));
}

function spawnIn(folder: string, command: string, args: readonly string[]) {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(command, args, { cwd: folder, env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ReturnType<typeof spawnIn>): Promise<Run> {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
