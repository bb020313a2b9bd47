import { readFileSync, statSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { code, idOf, NOON, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { nextMessage, startChild, untilEnd } from './child-process.ts';
import type { MixedOutcome } from './mixed-model.ts';
import { type TemporaryDatabase, temporaryDatabase, temporarySqlite } from './temporary-database.ts';

const userId = idOf('alice');

it.each([
  { from: 'sqljs', open: temporaryDatabase },
  { from: 'sqlite', open: temporarySqlite },
])('has the same facility by either engine, from $from on and back again', async ({ open }) => {
  const database = await made(open);
  const first = await openPlainStore(await database.open());
  await first.claimTimeStep({ userId, pairingId: 'p-alice', step: 1, rules: RULES });
  await first.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
  const users = await first.users();
  await first.close();
  let step = 1;
  for (const openNext of [database.openAsSqlite, database.openAsSqljs, database.openAsSqlite, database.openAsSqljs]) {
    const store = await openPlainStore(await openNext());
    expect((await store.users()).map(({ name }) => name)).toEqual(users.map(({ name }) => name));
    expect(await store.recoveryCodes(userId)).toHaveLength(2);
    const again = { userId, pairingId: 'p-alice', step, rules: RULES };
    expect(await store.claimTimeStep(again)).toMatchObject({ kind: 'already-used' });
    step += 1;
    expect(await store.claimTimeStep({ ...again, step })).toEqual({ kind: 'claimed' });
    expect(await store.integrity()).toEqual(['ok']);
    await store.close();
  }
});

it('has sqljs merge the log of a sqlite process that was killed: nothing acknowledged is lost', async () => {
  const database = await made(temporarySqlite);
  const sqljs = await openPlainStore(await database.openAsSqljs());
  for (let life = 0; life < 3; life += 1) {
    const from = 1 + ((await sqljs.userById(userId))?.twoFactor.pairing?.lastStep ?? 0);
    const child = startChild('claim-for-ever.ts', database.address, 'alice', String(from));
    const end = untilEnd(child);
    let seen = 0;
    child.stdout?.on('data', (text: string) => {
      seen += text.split('\n').length - 1;
      if (seen > 5) child.kill('SIGKILL');
    });
    const last = Number((await end).output.trim().split('\n').at(-1));
    expect(statSync(`${database.path}-wal`).size).toBeGreaterThan(0);
    // By a reader or by a writer, whoever comes first.
    if (life === 1) await sqljs.editUser({ id: idOf('bob'), changes: { display: 'Bob' } });
    const found = (await sqljs.userById(userId))?.twoFactor.pairing?.lastStep ?? 0;
    expect([last, last + 1]).toContain(found);
    expect(statSync(`${database.path}-wal`, { throwIfNoEntry: false })).toBeUndefined();
    expect(readFileSync(database.path).subarray(18, 20)).toEqual(Buffer.from([1, 1]));
    expect(await sqljs.integrity()).toEqual(['ok']);
  }
});

it('refuses sqljs, reading or writing, while sqlite has the file open, and says who has it', async () => {
  const database = await made(temporarySqlite);
  const early = await openPlainStore(await database.openAsSqljs({ lockWaitMs: 30 }));
  const sqlite = await openPlainStore(await database.openAsSqlite());
  const inUse = { code: 'busy', message: expect.stringContaining('Store.Engine=sqlite') };
  for (const change of ['before a write', 'after a write']) {
    await expect(database.openAsSqljs({ lockWaitMs: 30 })).rejects.toMatchObject(inUse);
    await expect(early.users()).rejects.toMatchObject(inUse);
    await expect(early.deactivate(userId)).rejects.toMatchObject(inUse);
    await expect(early.snapshot()).rejects.toMatchObject(inUse);
    await sqlite.editUser({ id: userId, changes: { display: change } });
  }
  await sqlite.close();
  expect(await early.userById(userId)).toMatchObject({ display: 'after a write' });
  expect(await early.deactivate(userId)).toBe('deactivated');
});

it('refuses sqlite while sqljs writes, and opens it as soon as that is done', async () => {
  const database = await made(temporaryDatabase);
  const writer = await database.openAsSqljs();
  const { promise: held, resolve: go } = Promise.withResolvers<void>();
  const { promise: inside, resolve: entered } = Promise.withResolvers<void>();
  const slow = writer.write(async (tx) => {
    entered();
    await held;
    await tx.run('UPDATE users SET display = ?', ['written']);
  });
  await inside;
  await expect(database.openAsSqlite({ lockWaitMs: 30 })).rejects.toMatchObject({ code: 'busy' });
  const waiting = database.openAsSqlite();
  go();
  await slow;
  expect(await (await openPlainStore(await waiting)).userById(userId)).toMatchObject({ display: 'written' });
});

it('loses nothing when processes of both engines write one file, one kind after the other', async () => {
  const database = await made(temporarySqlite);
  const writes = 40;
  const children = ['sqljs', 'sqlite', 'sqljs', 'sqlite'].map((engine, number) =>
    startChild('mixed-writer.ts', `${engine}:${database.path}`, String(number + 1), String(writes)),
  );
  const outcomes = ((await Promise.all(children.map(nextMessage))) as MixedOutcome[][]).flat();
  await Promise.all(children.map((child) => child.exitCode ?? untilEnd(child)));
  expect(outcomes).toHaveLength(4 * writes);
  for (const open of [database.openAsSqljs, database.openAsSqlite]) {
    const store = await openPlainStore(await open());
    const added = outcomes.flatMap((outcome) =>
      outcome.what === 'add' && outcome.kind === 'added' ? [outcome.name] : [],
    );
    const names: readonly string[] = (await store.users()).map((user) => user.name);
    expect(names.toSorted()).toEqual(['alice', 'bob', 'carol', ...added].toSorted());
    expect(await editsOf(store)).toBe(outcomes.filter(isEdit).length);
    await store.close();
  }
});

function isEdit(outcome: MixedOutcome): boolean {
  return outcome.what === 'edit' && outcome.kind === 'edited';
}

/** Each edit raises the version of its user by one; they began at 2, after Require 2FA. */
async function editsOf(store: PlainStore): Promise<number> {
  const versions = (await store.users()).map(({ name, version }) => (isOld(name) ? version - 2 : 0));
  return versions.reduce((sum, version) => sum + version, 0);
}

function isOld(name: string): boolean {
  return ['alice', 'bob', 'carol'].includes(name);
}

async function made(open: () => Promise<TemporaryDatabase>): Promise<TemporaryDatabase> {
  const database = await open();
  onTestFinished(() => database.dispose());
  const store = await openPlainStore(await database.open());
  await store.addUsers(['alice', 'bob', 'carol'].map((name) => person(name)));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  for (const name of ['alice', 'bob', 'carol'])
    await store.issueByAdmin({ userId: idOf(name), pairing: pairing(`p-${name}`, { issuedAt: NOON }) });
  await store.close();
  return database;
}
