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
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { code, expiring, idOf, NOON, pairing, person, RULES } from '../store-contract/people.ts';
import { claimOf, openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type TemporaryDatabase, temporarySqlite } from './temporary-database.ts';

const userId = idOf('alice');
let database: TemporaryDatabase;
let store: PlainStore;

beforeEach(async () => {
  database = await temporarySqlite();
  const mine = database;
  onTestFinished(() => mine.dispose());
  store = await openPlainStore(await database.open());
  await store.addUsers([person('alice'), person('bob')]);
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  await store.issueByAdmin({ userId, pairing: pairing('p1') });
});

it('has its files for this account alone, and is one clean file again when the last one has closed it', async () => {
  const other = await openPlainStore(await database.open());
  const names = ['gatehouse.db', 'gatehouse.db-shm', 'gatehouse.db-wal', 'gatehouse.db.lock'];
  expect(readdirSync(database.folder).toSorted()).toEqual(names);
  for (const name of names) expect(statSync(`${database.folder}/${name}`).mode & 0o777).toBe(0o600);
  await store.close();
  expect(await other.users()).toHaveLength(2);
  await other.close();
  expect(readdirSync(database.folder).toSorted()).toEqual(['gatehouse.db', 'gatehouse.db.lock']);
  const plain = new DatabaseSync(database.path, { readOnly: true });
  expect(plain.prepare('SELECT name FROM users ORDER BY name').all()).toEqual([{ name: 'alice' }, { name: 'bob' }]);
  plain.close();
});

it('makes no database by opening, and none in the place of one that is there', async () => {
  await expect(database.open({ absent: 'create' })).rejects.toMatchObject({ code: 'exists' });
  const elsewhere = `${database.path}.other`;
  await expect(database.open({ path: elsewhere })).rejects.toMatchObject({ code: 'unavailable' });
  expect(existsSync(elsewhere)).toBe(false);
  // A log without its file would be taken for the new one's.
  writeFileSync(`${elsewhere}-wal`, 'of another database', { mode: 0o600 });
  await expect(database.open({ path: elsewhere, absent: 'create' })).rejects.toMatchObject({ code: 'exists' });
  rmSync(`${elsewhere}-wal`);
  const opened = await Promise.allSettled(
    [1, 2].map(() => database.open({ path: elsewhere, absent: 'create' }).then(openPlainStore)),
  );
  expect(opened.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

const DESTROYING: readonly { readonly what: string; readonly traces: readonly string[]; work(): Promise<unknown> }[] = [
  {
    what: 'a deactivated secret and its codes',
    traces: ['sealed-secret-of-p1', 'sealed-hash-of-recover-1', 'sealed-hash-of-one-time-1'],
    work: () => store.deactivate(userId),
  },
  {
    what: 'a removed user',
    traces: ['sealed-secret-of-p1', 'sealed-hash-of-recover-1', 'sealed-hash-of-one-time-1', 'hash of alice'],
    work: () => store.removeUser(userId),
  },
  {
    what: 'a replaced one-time code',
    traces: ['sealed-hash-of-one-time-1'],
    work: () => store.putOneTimeCode({ userId, code: code('one-time-2') }),
  },
  {
    what: 'a used one-time code',
    traces: ['sealed-hash-of-one-time-1'],
    work: () => store.consumeOneTimeCode({ userId, codeId: 'one-time-1', rules: RULES }),
  },
  {
    what: 'a used recovery code',
    traces: ['sealed-hash-of-recover-1'],
    work: () => store.consumeRecoveryCode({ userId, codeId: 'recover-1', rules: RULES }),
  },
  {
    what: 'replaced recovery codes',
    traces: ['sealed-hash-of-recover-1'],
    work: () => store.replaceRecoveryCodes({ userId, codes: [code('recover-3')] }),
  },
  {
    what: 'a changed password',
    traces: ['hash of alice'],
    work: async () =>
      store.whole.by({}).grant({
        claim: await claimOf(store, userId),
        proof: { by: 'password', twoFactorRequired: 'never' },
        grant: { event: 'login.granted', detail: 'password' },
        newPasswordHash: 'another',
      }),
  },
  {
    what: 'a password that an administrator set',
    traces: ['hash of alice'],
    work: () => store.editUser({ id: userId, changes: { passwordHash: 'another' } }),
  },
  {
    what: 'an envelope under a former key',
    traces: ['sealed-secret-of-p1'],
    work: async () => {
      const cells = await store.sealedNotUnder('key-2', 1);
      return store.reseal(cells.map((cell) => ({ cell, to: 'v1.key-2.nonce.sealed again' })));
    },
  },
];

it.each(DESTROYING)('has nothing of $what left, in the file or in the log beside it', async ({ traces, work }) => {
  await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
  await store.replaceRecoveryCodes({ userId, codes: [code('recover-1'), code('recover-2')] });
  await store.putOneTimeCode({ userId, code: code('one-time-1', NOON + 1000) });
  // From neighbours, so that rows move between pages.
  await store.addUsers(Array.from({ length: 300 }, (_, number) => person(`user-${number}`)));
  for (const trace of traces) expect(everything()).toContain(trace);
  await work();
  for (const trace of traces) expect(everything()).not.toContain(trace);
});

it('has nothing left of a secret that was never confirmed when the next log-on made another', async () => {
  const bob = idOf('bob');
  await store.issuePairing({ userId: bob, seen: null, pairing: expiring('p2') });
  expect(everything()).toContain('sealed-secret-of-p2');
  await store.issuePairing({ userId: bob, seen: 'p2', pairing: expiring('p3') });
  expect(everything()).not.toContain('sealed-secret-of-p2');
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
    expect(everything()).not.toContain(`sealed-secret-of-${name}-end`);
  }
});

it('clears the log of what a reader held fast, with the first write after that reader', async () => {
  const reader = new DatabaseSync(database.path);
  reader.exec('BEGIN; SELECT * FROM users');
  store = await openPlainStore(await database.open({ lockWaitMs: 50 }));
  expect(await store.deactivate(userId)).toBe('deactivated');
  expect(everything()).toContain('sealed-secret-of-p1');
  reader.exec('COMMIT');
  reader.close();
  await store.editUser({ id: idOf('bob'), changes: { display: 'Bob' } });
  expect(everything()).not.toContain('sealed-secret-of-p1');
});

it('clears the log of what somebody destroyed who was killed right after, with its first write', async () => {
  const reader = new DatabaseSync(database.path);
  reader.exec('BEGIN; SELECT * FROM users');
  store = await openPlainStore(await database.open({ lockWaitMs: 50 }));
  await store.deactivate(userId);
  // As the files are when all are killed at this moment.
  const path = `${database.path}.after`;
  for (const suffix of ['', '-wal']) copyFileSync(database.path + suffix, path + suffix);
  reader.close();
  const left = () => ['', '-wal'].map((suffix) => readFileSync(path + suffix, 'latin1')).join('\n');
  const after = await openPlainStore(await database.open({ path }));
  expect(left()).toContain('sealed-secret-of-p1');
  await after.editUser({ id: idOf('bob'), changes: { display: 'Bob' } });
  expect(left()).not.toContain('sealed-secret-of-p1');
});

it('gives up after a bounded wait for a busy database, reads meanwhile, and loses nothing', async () => {
  const holder = new DatabaseSync(database.path);
  holder.exec('BEGIN IMMEDIATE');
  const hurried = await openPlainStore(await database.open({ lockWaitMs: 30 }));
  await expect(hurried.editUser({ id: userId, changes: { display: 'A' } })).rejects.toMatchObject({ code: 'busy' });
  expect(await hurried.users()).toHaveLength(2);
  holder.exec('COMMIT');
  holder.close();
  expect(await hurried.editUser({ id: userId, changes: { display: 'A' } })).toMatchObject({ kind: 'edited' });
});

it('keeps what was acknowledged and answers with an error when the disk is full', async () => {
  await store.close();
  // Files may grow to so many blocks of 512 bytes; a full disk is the same to SQLite.
  const program = `${import.meta.dirname}/child/fill-up.ts`;
  const limited = ['-c', 'ulimit -f 400; exec "$0" "$@"', process.execPath, program, database.address];
  const lines = execFileSync('sh', limited, { encoding: 'utf8' }).trim().split('\n');
  const added = lines.filter((line) => line !== 'unavailable');
  expect(lines.at(-1)).toBe('unavailable');
  expect(added.length).toBeGreaterThan(0);
  const after = await openPlainStore(await database.open());
  expect(await after.integrity()).toEqual(['ok']);
  const names = (await after.users()).map((user) => user.name as string);
  expect(names.toSorted()).toEqual(['alice', 'bob', ...added].toSorted());
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
] as const)('refuses a database that %s, in one sentence with a next step', async (_what, damage) => {
  await store.close();
  damage(database.path);
  const outcome: unknown = await database
    .open()
    .then(openPlainStore)
    .then((opened) => opened.users())
    .catch((thrown: unknown) => thrown);
  expect(outcome).toMatchObject({ name: 'Fault', code: 'unavailable', hint: expect.any(String) });
  expect(outcome).toHaveProperty('message', expect.stringMatching(/^[^\n]{10,300}\.$/));
});

it.each(['', '-wal', '-shm'])(
  'refuses gatehouse.db%s as symbolic link, FIFO or folder, or of loose mode',
  async (suffix) => {
    const file = database.path + suffix;
    await store.close();
    const kept = `${database.path}.kept`;
    copyFileSync(database.path, kept);
    const refused = (hint: unknown) => expect(database.open()).rejects.toMatchObject({ code: 'file-refused', hint });
    writeFileSync(file, suffix === '' ? readFileSync(kept) : '', { mode: 0o600 });
    chmodSync(file, 0o644);
    await refused(`chmod 600 ${file}`);
    rmSync(file);
    symlinkSync(kept, file);
    await refused(expect.stringContaining(suffix === '' ? 'readlink' : `rm ${file}`));
    rmSync(file);
    execFileSync('mkfifo', ['-m', '600', file]);
    await refused(expect.any(String));
    rmSync(file);
    mkdirSync(file, { mode: 0o700 });
    await refused(expect.any(String));
    rmSync(file, { recursive: true });
    chmodSync(database.folder, 0o755);
    await refused(`chmod 700 ${database.folder}`);
    chmodSync(database.folder, 0o700);
  },
);

it('refuses to go on once another file stands in the place of the one it has open', async () => {
  copyFileSync(database.path, `${database.path}.copy`);
  renameSync(`${database.path}.copy`, database.path);
  const refused = { code: 'unavailable', message: expect.stringContaining('was replaced') };
  await expect(store.users()).rejects.toMatchObject(refused);
  await expect(store.deactivate(userId)).rejects.toMatchObject(refused);
  await expect(store.revision()).rejects.toMatchObject(refused);
});

it('answers no more after it was closed', async () => {
  await store.close();
  await store.close();
  await expect(store.users()).rejects.toMatchObject({ code: 'internal' });
});

/** What anybody finds who reads the database and all that lies beside it. */
function everything(): string {
  const names = readdirSync(database.folder);
  return names.map((name) => readFileSync(`${database.folder}/${name}`, 'latin1')).join('\n');
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
