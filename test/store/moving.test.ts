import { copyFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createJournal } from '../../src/core/node/audit-journal.ts';
import { hasFacility } from '../../src/core/store/migrations.ts';
import { facilityDigest } from '../../src/core/store/moving/digest.ts';
import { type Move, moveFacility, takeMoveBack } from '../../src/core/store/moving/move-facility.ts';
import { reconcile } from '../../src/core/store/moving/reconcile.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import { code, idOf, NOON, pairing, person, RULES } from '../store-contract/people.ts';
import { type PlainStore, plainStore } from '../support/plain-store.ts';
import { startChild, untilEnd } from './child-process.ts';
import { type TemporaryDatabase, temporaryDatabase, temporarySqlite } from './temporary-database.ts';

const userId = idOf('alice');
let old: TemporaryDatabase;
let next: TemporaryDatabase;
let newPath: string;

beforeEach(async () => {
  old = await temporaryDatabase();
  next = await temporarySqlite();
  newPath = `${next.path}.new-place`;
  const made = [old, next];
  onTestFinished(async () => {
    for (const database of made) await database.dispose();
  });
  const store = await openPlainStore(await old.open());
  await fill(store);
  await store.close();
});

/** Something in every table. */
async function fill(store: PlainStore): Promise<void> {
  const names = ['alice', 'bob', ...Array.from({ length: 30 }, (_, number) => `user-${number}`)];
  await store.addUsers(names.map((name) => person(name, { display: `${name} ✓ ’"` })));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: NOON + 5 });
  await store.issueByAdmin({ userId, pairing: pairing('p1') });
  await store.claimTimeStep({ userId, pairingId: 'p1', step: 7, rules: RULES });
  await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
  await store.putOneTimeCode({ userId, code: code('o1', NOON + 1000) });
  await store.settlePassword({ counter: `user:${idOf('bob')}`, known: true, right: false, rules: RULES });
  await store.settlePassword({ counter: 'a name of nobody', known: false, right: false, rules: RULES });
}

/** Both ends open, as `store migrate` has them. */
async function move(more: Partial<Move> = {}): ReturnType<typeof moveFacility> {
  const original = more.original ?? (await old.open());
  const copy = more.copy ?? (await openNew());
  try {
    return await moveFacility({ from: 'sqljs', to: 'postgres', former: 'refuse', ...more, original, copy });
  } finally {
    if (more.original === undefined) await original.close();
    if (more.copy === undefined) await copy.close();
  }
}

async function openNew(): Promise<SqlEngine> {
  return next.open({ path: newPath }).catch(() => next.open({ path: newPath, absent: 'create' }));
}

/** Users, failures, recovery codes, a one-time code, the epoch, the end of the one chain. */
const ROWS = 32 + 2 + 2 + 1 + 1 + 1;

/** Records in one chain, whose files are nowhere. */
async function openPlainStore(engine: SqlEngine): Promise<PlainStore> {
  const trail = { kind: 'files', folder: '/nowhere/audit', queueMax: Number.POSITIVE_INFINITY } as const;
  return plainStore(await openSqlStore(engine, createJournal({ key: Buffer.alloc(32, 7), trail })));
}

describe('moving a facility', () => {
  it('has every row in the new place, closes the old one for good, and says whither it went', async () => {
    const before = await openPlainStore(await old.open());
    const users = await before.users();
    expect(await move()).toEqual({ rows: ROWS, corrected: 0, firstWrong: undefined });
    const after = await openPlainStore(await openNew());
    expect(await after.users()).toEqual(users);
    expect(await after.recoveryCodes(userId)).toHaveLength(2);
    expect(await after.oneTimeCode(userId)).toMatchObject({ id: 'o1' });
    const again = { userId, pairingId: 'p1', step: 7, rules: RULES };
    expect(await after.claimTimeStep(again)).toMatchObject({ kind: 'already-used' });
    // Who had it open, and who opens it.
    await expect(before.claimTimeStep({ ...again, step: 8 })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(old.open().then(openPlainStore)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('moved to another database (Store.Engine=postgres)'),
    });
  });

  it('copies more rows than are read at a time, and can say of all of them that they are the same', async () => {
    const original = await old.open();
    const names = Array.from({ length: 10_005 }, (_, number) => `name-${number}`);
    await original.write((tx) =>
      tx.runMany(
        "INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at) VALUES (?, 'password', 1, NULL, 0, ?)",
        names.map((name, number) => [name, NOON + number]),
      ),
    );
    const before = await facilityDigest(original);
    await original.close();
    expect(await move()).toMatchObject({ corrected: 0 });
    const copy = await openNew();
    const after = await facilityDigest(copy);
    expect(after).toEqual(before);
    expect(after.find(({ table }) => table === 'failures')?.rows).toBeGreaterThan(10_005);
    await copy.write((tx) => tx.run("UPDATE failures SET failures = 2 WHERE counter = 'name-9999'"));
    const changed = await facilityDigest(copy);
    expect(changed.filter((digest, index) => digest.sha256 !== after[index]?.sha256)).toMatchObject([
      { table: 'failures' },
    ]);
    await copy.close();
  });

  it('takes along what is changed while it copies, until it closes the old place', async () => {
    const busy = await openPlainStore(await old.open());
    const onProgress: Move['onProgress'] = (step) => {
      if (step.kind === 'closing') late = busy.editUser({ id: userId, changes: { display: 'at the last moment' } });
    };
    let late: Promise<unknown> | undefined;
    const original = await old.open();
    // What is asked for first comes first: the change waits for its turn beside the move.
    const patient: SqlEngine = {
      ...original,
      write: async (work) => {
        await late;
        return original.write(work);
      },
    };
    const { rows } = await move({ original: patient, onProgress });
    expect(rows).toBe(ROWS);
    const after = await openPlainStore(await openNew());
    expect(await after.userById(userId)).toMatchObject({ display: 'at the last moment' });
  });

  it('goes on from wherever it was killed, at every write of either side, and loses nothing', async () => {
    const users = await (await openPlainStore(await old.open())).users();
    let deaths = 0;
    for (let write = 1, survived = false; !survived; write += 1) {
      for (const moment of ['before', 'after'] as const) {
        const path = `${old.path}.${write}-${moment}`;
        copyFileSync(old.path, path);
        newPath = `${next.path}.${write}-${moment}`;
        const counter = { writes: 0 };
        const original = await old.open({ path });
        const copy = await openNew();
        const dead = { original: dying(original, counter, write, moment), copy: dying(copy, counter, write, moment) };
        const ended = await move(dead).then(
          () => 'moved',
          (thrown: Error) => thrown.message,
        );
        survived = counter.writes < write;
        expect(ended).toBe(survived ? 'moved' : 'killed');
        if (!survived) {
          deaths += 1;
          // Never two that can be used; one that can has everybody.
          const usable = [];
          for (const place of [original, copy]) if (await place.read(hasFacility)) usable.push(place);
          expect(usable.length).toBeLessThanOrEqual(1);
          for (const place of usable) expect(await (await openPlainStore(place)).users()).toEqual(users);
          expect(await move({ original, copy })).toMatchObject({ rows: ROWS, corrected: 0 });
        }
        expect(await original.read(hasFacility)).toBe(false);
        expect(await (await openPlainStore(copy)).users()).toEqual(users);
      }
    }
    expect(deaths).toBe(18);
    console.log(`a move killed ${deaths} times went on and lost nothing`);
  });

  it('goes on after a real SIGKILL', async () => {
    const store = await openPlainStore(await old.open());
    await store.addUsers(Array.from({ length: 300 }, (_, number) => person(`more-${number}`)));
    const users = (await store.users()).length;
    await store.close();
    const child = startChild('move-for-ever.ts', old.path, newPath);
    const end = untilEnd(child);
    child.stdout?.once('data', () => child.kill('SIGKILL'));
    expect((await end).signal).toBe('SIGKILL');
    expect((await move()).rows).toBe(ROWS + 300);
    expect((await (await openPlainStore(await openNew())).users()).length).toBe(users);
  });

  it('tells and mends a row of an unfinished copy that somebody changed, added or removed', async () => {
    await killedWhileClosing();
    const copy = await openNew();
    await copy.write(async (tx) => {
      await tx.run("UPDATE users SET role = 'admin' WHERE name = 'bob'");
      await tx.run("INSERT INTO failures VALUES ('user:mallory', 'code', 0, NULL, 1, 5, 0)");
      await tx.run('DELETE FROM one_time_codes');
    });
    await copy.close();
    const moved = await move();
    expect(moved).toMatchObject({ rows: ROWS, corrected: 2 });
    expect(moved.firstWrong).toMatch(/^(users id-bob|failures user:mallory code)$/);
    const after = await openPlainStore(await openNew());
    expect((await after.users()).filter((user) => user.role === 'admin')).toEqual([]);
    expect(await after.oneTimeCode(userId)).toMatchObject({ id: 'o1' });
  });

  it('copies a user anew whose name somebody else has meanwhile', async () => {
    await killedWhileClosing();
    const original = await old.open();
    await takeMoveBack(original);
    const store = await openPlainStore(original);
    await store.removeUser(idOf('bob'));
    await store.addUsers([person('bob', { id: idOf('the other bob') })]);
    await store.close();
    await move();
    const after = await openPlainStore(await openNew());
    expect((await after.users()).find((user) => user.name === 'bob')?.id).toBe(idOf('the other bob'));
  });

  it('opens the old place again where the new one fails in the end', async () => {
    const copy = await openNew();
    let reads = 0;
    const failing: SqlEngine = {
      ...copy,
      read: async (work) => {
        reads += 1;
        if (closing && reads > 0) throw new Error('the server is gone');
        return copy.read(work);
      },
    };
    let closing = false;
    const onProgress: Move['onProgress'] = ({ kind }) => {
      closing ||= kind === 'closing';
    };
    await expect(move({ copy: failing, onProgress })).rejects.toThrow('the server is gone');
    expect(await (await openPlainStore(await old.open())).users()).toHaveLength(32);
    await copy.close();
    expect((await move()).rows).toBe(ROWS);
  });

  it('refuses a place where a facility is, another unfinished copy, or a former facility unless it may replace it', async () => {
    newPath = next.path;
    await expect(move()).rejects.toMatchObject({ code: 'exists', message: expect.stringContaining('facility') });
    const other = await openPlainStore(await openNew());
    await other.addUsers([person('zoe')]);
    await other.close();
    const theirs = await openNew();
    const elsewhere = await next.open({ path: `${newPath}.2`, absent: 'create' });
    await moveFacility({ from: 'postgres', to: 'sqlite', original: theirs, copy: elsewhere, former: 'refuse' });
    await theirs.close();
    await expect(move()).rejects.toMatchObject({ code: 'exists', hint: expect.stringContaining('--replace') });
    expect((await move({ former: 'replace' })).rows).toBe(ROWS);
    expect((await (await openPlainStore(await openNew())).users()).map(({ name }) => name)).not.toContain('zoe');
    // And what was moved away cannot be moved again, to another place.
    await expect(move({ to: 'sqlite' })).rejects.toMatchObject({ code: 'exists', message: /moved to/ });
  });

  it('refuses to move an empty database, or one that is itself a copy', async () => {
    const empty = await old.open({ path: `${old.path}.empty`, absent: 'create' });
    await expect(move({ original: empty })).rejects.toMatchObject({ code: 'not-found' });
    await killedWhileClosing();
    const copy = await openNew();
    newPath = `${newPath}.3`;
    await expect(move({ original: copy, from: 'postgres' })).rejects.toMatchObject({ code: 'exists' });
  });

  it('opens an unfinished copy for nobody', async () => {
    await killedWhileClosing();
    await expect(openNew().then(openPlainStore)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'This database is an unfinished copy of a facility.',
    });
  });

  it('only looks, where it is to look', async () => {
    const copy = await openNew();
    await openPlainStore(copy);
    const original = await old.open();
    const sides = [
      { engine: original, prefix: '' },
      { engine: copy, prefix: '' },
    ] as const;
    expect(await reconcile(...sides, { how: 'look' })).toMatchObject({ rows: ROWS, inserted: ROWS, corrected: 0 });
    expect(await reconcile(...sides, { how: 'mend' })).toMatchObject({ rows: ROWS, inserted: ROWS });
    expect(await reconcile(...sides, { how: 'look' })).toEqual({
      ...{ rows: ROWS, inserted: 0, corrected: 0, deleted: 0 },
      firstWrong: undefined,
    });
  });

  /** The old place is closed, the copy is there and not finished. */
  async function killedWhileClosing(): Promise<void> {
    const copy = await openNew();
    const original = await old.open();
    let closed = false;
    const onProgress: Move['onProgress'] = ({ kind }) => {
      closed ||= kind === 'checking';
    };
    const dead: SqlEngine = {
      ...original,
      write: (work) => (closed ? Promise.reject(new Error('killed')) : original.write(work)),
    };
    const ends: SqlEngine = {
      ...copy,
      write: (work) => (closed ? Promise.reject(new Error('killed')) : copy.write(work)),
    };
    await expect(move({ original: dead, copy: ends, onProgress })).rejects.toThrow('killed');
    await original.close();
    await copy.close();
  }
});

/** An engine that does nothing any more from the n-th write on, counted over both sides of the move. */
function dying(engine: SqlEngine, counter: { writes: number }, fatal: number, moment: 'before' | 'after'): SqlEngine {
  return {
    ...engine,
    read: (work) => (counter.writes >= fatal ? Promise.reject(new Error('killed')) : engine.read(work)),
    write: async (work) => {
      counter.writes += 1;
      if (counter.writes < fatal) return engine.write(work);
      if (counter.writes === fatal && moment === 'after') await engine.write(work);
      throw new Error('killed');
    },
  };
}
