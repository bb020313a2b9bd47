import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { userCounter } from '../../src/core/lockout.ts';
import { code, idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { failingCalls } from '../support/file-calls.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type TemporaryDatabase, temporaryDatabase } from './temporary-database.ts';

const userId = idOf('alice');
let database: TemporaryDatabase;
let store: PlainStore;

beforeEach(async () => {
  database = await temporaryDatabase();
  const mine = database;
  onTestFinished(() => mine.dispose());
  store = await openPlainStore(await database.open());
  await store.addUsers([person('alice'), person('bob')]);
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  await store.issueByAdmin({ userId, pairing: pairing('p1') });
});

it('is one ordinary SQLite file of mode 0600 that other programs read', () => {
  expect(readdirSync(database.folder).toSorted()).toEqual(['gatehouse.db', 'gatehouse.db.lock']);
  expect(statSync(database.path).mode & 0o777).toBe(0o600);
  const plain = new DatabaseSync(database.path, { readOnly: true });
  expect(plain.prepare('SELECT name FROM users ORDER BY name').all()).toEqual([{ name: 'alice' }, { name: 'bob' }]);
  plain.close();
});

it('makes no database by opening, and none in the place of one that is there', async () => {
  const { path } = database;
  await expect(database.open({ absent: 'create' })).rejects.toMatchObject({ code: 'exists' });
  const elsewhere = `${path}.other`;
  await expect(database.open({ path: elsewhere })).rejects.toMatchObject({ code: 'unavailable' });
  expect(existsSync(elsewhere)).toBe(false);
  const engines = [
    await database.open({ path: elsewhere, absent: 'create' }),
    await database.open({ path: elsewhere, absent: 'create' }),
  ];
  const opened = await Promise.allSettled(engines.map(openPlainStore));
  expect(opened.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const late = opened.find((outcome) => outcome.status === 'rejected');
  expect(late?.reason).toMatchObject({ code: 'exists' });
});

it('does not write where nothing changed: a right password, a look, a hash that was replaced meanwhile', async () => {
  const before = fingerprint();
  await store.settlePassword({ counter: userCounter(userId), known: true, right: true, rules: RULES });
  await store.users();
  await store.rehashPassword({ userId, from: 'another', to: 'new' });
  expect(fingerprint()).toBe(before);
});

it('writes a whole file after changes in place and after growing', async () => {
  for (let step = 1; step <= 3; step += 1) {
    await store.claimTimeStep({ userId, pairingId: 'p1', step, rules: RULES });
    const written = new DatabaseSync(':memory:');
    written.exec(`ATTACH '${database.path}' AS written`);
    expect(written.prepare('PRAGMA written.integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const row = written.prepare("SELECT last_step FROM written.users WHERE name = 'alice'").get();
    expect(row).toEqual({ last_step: step });
    written.close();
  }
  // Growing by many pages, then writing in place again.
  await store.addUsers(Array.from({ length: 500 }, (_, number) => person(`user-${number}`)));
  await store.claimTimeStep({ userId, pairingId: 'p1', step: 9, rules: RULES });
  const reader = await openPlainStore(await database.open());
  expect(await reader.integrity()).toEqual(['ok']);
  expect(await reader.users()).toEqual(await store.users());
});

it('has nothing of a deactivated secret, of its codes or of replaced ones left in the file', async () => {
  await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
  await store.replaceRecoveryCodes({ userId, codes: [code('recover-1'), code('recover-2')] });
  await store.putOneTimeCode({ userId, code: code('one-time-1') });
  // From neighbours, so that rows move between pages.
  await store.addUsers(Array.from({ length: 300 }, (_, number) => person(`user-${number}`)));
  const traces = [
    'sealed-secret-of-p1',
    'sealed-hash-of-recover-1',
    'sealed-hash-of-recover-2',
    'sealed-hash-of-one-time-1',
  ];
  for (const trace of traces) expect(readFileSync(database.path).includes(trace)).toBe(true);
  await store.putOneTimeCode({ userId, code: code('one-time-2') });
  expect(readFileSync(database.path).includes('sealed-hash-of-one-time-1')).toBe(false);
  expect(await store.deactivate(userId)).toBe('deactivated');
  const file = readFileSync(database.path);
  for (const trace of [...traces, 'sealed-hash-of-one-time-2', 'sealed-secret-of-p1']) {
    expect(file.includes(trace)).toBe(false);
  }
});

it('leaves no copy of a secret behind where rows were moved between pages', async () => {
  const names = Array.from({ length: 40 }, (_, number) => `ward-${number}`);
  await store.addUsers(names.map((name) => person(name, { passwordHash: 'h'.repeat(97) })));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  // Rows grow in another order than they were made in, so that pages split and cells wander.
  const mixed = names.map((_, number) => names[(number * 17) % names.length] ?? '');
  for (const name of mixed) await store.issueByAdmin({ userId: idOf(name), pairing: pairing(`${name}-end`) });
  for (const name of mixed.toReversed()) {
    await store.deactivate(idOf(name));
    expect(readFileSync(database.path).includes(`sealed-secret-of-${name}-end`)).toBe(false);
  }
});

it('sees what others wrote, even within one tick of the clock and with the same size and time', async () => {
  const other = await openPlainStore(await database.open());
  await other.users();
  await store.editUser({ id: userId, changes: { display: 'aaaaaa' } });
  const then = statSync(database.path);
  expect((await other.userById(userId))?.display).toBe('aaaaaa');
  await store.editUser({ id: userId, changes: { display: 'bbbbbb' } });
  utimesSync(database.path, then.atime, then.mtime);
  expect(statSync(database.path).size).toBe(then.size);
  expect((await other.userById(userId))?.display).toBe('bbbbbb');
});

it('sees a file that was put in its place by copying over it or by renaming', async () => {
  const copy = `${database.path}.copy`;
  copyFileSync(database.path, copy);
  await store.editUser({ id: userId, changes: { display: 'after the copy' } });
  copyFileSync(copy, database.path);
  expect((await store.userById(userId))?.display).toBe('alice of St Elsewhere');
  await store.editUser({ id: userId, changes: { display: 'again' } });
  renameSync(copy, database.path);
  expect((await store.userById(userId))?.display).toBe('alice of St Elsewhere');
});

it('answers with an error and keeps the old file when any call of a save fails; the next write is whole', async () => {
  for (const errno of ['ENOSPC', 'EIO']) {
    for (let nth = 1; nth <= 7; nth += 1) {
      const before = readFileSync(database.path);
      const failing = await openPlainStore(await database.open({ calls: failingCalls({ nth, errno }) }));
      const claim = { userId, pairingId: 'p1', step: 5, rules: RULES };
      await expect(failing.claimTimeStep(claim)).rejects.toMatchObject({ code: 'unavailable' });
      expect(readFileSync(database.path).equals(before)).toBe(true);
      // What failed is not in the memory of the one it failed for.
      expect((await failing.userById(userId))?.twoFactor.pairing?.lastStep).toBeNull();
      expect(readdirSync(database.folder)).not.toContain('gatehouse.db.new');
      await failing.editUser({ id: userId, changes: { display: `${errno} ${nth}` } });
      expect(await store.userById(userId)).toMatchObject({ display: `${errno} ${nth}` });
    }
  }
});

it('refuses a write whose folder could not be synced, and counts its step as used all the same', async () => {
  const failing = await openPlainStore(await database.open({ calls: failingCalls({ nth: 9, errno: 'EIO' }) }));
  const claim = { userId, pairingId: 'p1', step: 5, rules: RULES };
  await expect(failing.claimTimeStep(claim)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await failing.claimTimeStep(claim)).toMatchObject({ kind: 'already-used' });
  expect(await store.claimTimeStep({ ...claim, step: 6 })).toEqual({ kind: 'claimed' });
});

it('gives up after a bounded wait for a busy database, and loses nothing', async () => {
  const holder = await database.open();
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const slow = holder.write(async () => {
    entered();
    await held;
  });
  await inside;
  const hurried = await openPlainStore(await database.open({ lockWaitMs: 30 }));
  await expect(hurried.unlock(userId)).rejects.toMatchObject({ code: 'busy' });
  expect(await hurried.users()).toHaveLength(2);
  go();
  await slow;
  expect(await hurried.unlock(userId)).toBe(true);
});

it('refuses a file with changes that SQLite has not merged yet, and reads one that was closed in write-ahead mode', async () => {
  const plain = new DatabaseSync(database.path);
  plain.exec('PRAGMA journal_mode = WAL');
  plain.exec("UPDATE users SET display = 'in the log'");
  const unmerged = { code: 'unavailable', message: expect.stringContaining('gatehouse.db-wal') };
  await expect(store.users()).rejects.toMatchObject(unmerged);
  await expect(store.unlock(userId)).rejects.toMatchObject(unmerged);
  await expect(database.open()).rejects.toMatchObject(unmerged);
  plain.close();
  expect((await store.userById(userId))?.display).toBe('in the log');
  await store.editUser({ id: userId, changes: { display: 'after the log' } });
  expect((await (await openPlainStore(await database.open())).userById(userId))?.display).toBe('after the log');
});

it('goes on beside a journal whose writer was killed before its header was written, and tidies it away', async () => {
  // SQLite writes the first twelve bytes last.
  const header = Buffer.alloc(512);
  header.writeUInt32BE(0xf06d26cc, 12);
  for (const journal of [header, Buffer.concat([header, Buffer.from([0, 0, 0, 1]), Buffer.alloc(4096, 7)])]) {
    writeFileSync(`${database.path}-journal`, journal, { mode: 0o600 });
    const opened = await openPlainStore(await database.open());
    expect(await opened.users()).toHaveLength(2);
    expect(existsSync(`${database.path}-journal`)).toBe(false);
  }
});

it('takes back what a killed writer of SQLite had begun to write into the file', async () => {
  const plain = new DatabaseSync(database.path);
  plain.exec('PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE');
  plain.exec("UPDATE users SET display = 'not committed'; CREATE TABLE filling (cell TEXT)");
  for (let row = 0; row < 200; row += 1) plain.exec(`INSERT INTO filling VALUES ('${'x'.repeat(1000)}')`);
  const copy = `${database.path}.killed`;
  copyFileSync(`${database.path}-journal`, `${copy}-journal`);
  copyFileSync(database.path, copy);
  plain.close();
  expect(readFileSync(copy, 'latin1')).toContain('not committed');
  const opened = await openPlainStore(await database.open({ path: copy }));
  expect((await opened.userById(userId))?.display).toBe('alice of St Elsewhere');
  expect(existsSync(`${copy}-journal`)).toBe(false);
});

it.each([
  ['is empty', (path: string) => truncateSync(path, 0)],
  ['was cut in the middle of a page', (path: string) => truncateSync(path, 5000)],
  ['was cut at the end of a page', (path: string) => truncateSync(path, 8192)],
  ['is cut to less than its header', (path: string) => truncateSync(path, 50)],
  ['is text', (path: string) => writeFileSync(path, 'user,password\n'.repeat(1000))],
  ['is noise after its first bytes', (path: string) => noise(path, 16)],
  ['is noise after its header', (path: string) => noise(path, 100)],
  ['is gone', (path: string) => rmSync(path)],
  ['is another SQLite database', (path: string) => foreignDatabase(path)],
] as const)(
  'refuses a database that %s, in one sentence with a next step, for reading and for writing',
  async (_what, damage) => {
    damage(database.path);
    for (const attempt of [
      () => store.users(),
      () => store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES }),
      () => database.open().then(openPlainStore),
    ]) {
      const outcome: unknown = await attempt().catch((thrown: unknown) => thrown);
      expect(outcome).toMatchObject({ name: 'Fault', code: 'unavailable', hint: expect.any(String) });
      expect(outcome).toHaveProperty('message', expect.stringMatching(/^[^\n]{10,300}\.$/));
    }
  },
);

it('refuses a database as symbolic link, FIFO or folder, of loose mode or in a loose folder', async () => {
  const { path, folder } = database;
  const kept = `${path}.kept`;
  const refused = async (hint: unknown) => {
    await expect(store.users()).rejects.toMatchObject({ code: 'file-refused', hint });
    await expect(store.unlock(userId)).rejects.toMatchObject({ code: 'file-refused', hint });
    await expect(database.open()).rejects.toMatchObject({ code: 'file-refused', hint });
  };
  chmodSync(path, 0o644);
  await refused(`chmod 600 ${path}`);
  chmodSync(path, 0o600);
  chmodSync(folder, 0o755);
  await refused(`chmod 700 ${folder}`);
  chmodSync(folder, 0o700);
  renameSync(path, kept);
  symlinkSync(kept, path);
  await refused(expect.stringContaining('readlink'));
  rmSync(path);
  execFileSync('mkfifo', ['-m', '600', path]);
  await refused(expect.any(String));
  rmSync(path);
  mkdirSync(path, { mode: 0o700 });
  await refused(expect.any(String));
  rmSync(path, { recursive: true });
  renameSync(kept, path);
  expect(await store.users()).toHaveLength(2);
});

it('answers no more after it was closed', async () => {
  await store.close();
  await expect(store.users()).rejects.toMatchObject({ code: 'internal' });
});

function fingerprint(): string {
  const { ino, mtimeNs } = statSync(database.path, { bigint: true });
  return `${ino} ${mtimeNs}`;
}

/** Bytes without order, the same in every run. */
function noise(path: string, from: number): void {
  const bytes = readFileSync(path);
  for (let index = from; index < bytes.length; index += 1) bytes[index] = (index * 2_654_435_761) >>> 13;
  writeFileSync(path, bytes);
}

function foreignDatabase(path: string): void {
  rmSync(path);
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, secret TEXT)');
  other.close();
  chmodSync(path, 0o600);
}
