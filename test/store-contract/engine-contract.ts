import { expect, it } from 'vitest';
import {
  isOfThisVersion,
  migrate,
  SCHEMA_VERSION,
  schemaVersion,
  upgradeSchema,
} from '../../src/core/store/migrations.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { idOf, NOON } from './people.ts';
import { withBench } from './with-bench.ts';

export function engineContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);

  it('takes back everything when the work of a transaction throws', async () => {
    const store = await storeWith(bench.current, 'alice');
    const engine = await bench.current.open();
    const failing = engine.write(async (tx) => {
      await tx.run("UPDATE users SET display = 'half done'");
      throw new Error('after the first statement');
    });
    await expect(failing).rejects.toMatchObject({ name: 'Fault', code: 'internal' });
    expect((await store.userById(idOf('alice')))?.display).toBe('alice of St Elsewhere');
    expect(await engine.read((tx) => tx.all('SELECT display FROM users'))).toEqual([
      { display: 'alice of St Elsewhere' },
    ]);
  });

  it('does in its place what nobody waits for, and takes back everything where it fails', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob');
    const engine = await bench.current.open();
    const rename = 'UPDATE users SET display = ? WHERE name = ?';
    const seen = await engine.write(async (tx) => {
      tx.later(rename, [
        ['Alice', 'alice'],
        ['Bob', 'bob'],
      ]);
      return tx.all('SELECT display FROM users ORDER BY name');
    });
    expect(seen).toEqual([{ display: 'Alice' }, { display: 'Bob' }]);
    const revision = await engine.revision();
    for (const behind of ['nothing', 'a statement', 'a mistake'] as const) {
      const failing = engine.write(async (tx) => {
        tx.later(rename, [['half done', 'alice']]);
        tx.later('UPDATE users SET name = ? WHERE name = ?', [[null, 'bob']]);
        if (behind === 'a statement') await tx.run(rename, ['half done', 'bob']);
        if (behind === 'a mistake') throw new Error('of the caller');
      });
      await expect(failing).rejects.toMatchObject({ name: 'Fault', code: 'internal' });
    }
    expect((await store.users()).map(({ display }) => display)).toEqual(['Alice', 'Bob']);
    expect(await engine.revision()).toBe(revision);
  });

  it('tells how many rows were touched, and gives whole numbers, text and nothing back as they were put in', async () => {
    await storeWith(bench.current, 'alice', 'bob');
    const engine = await bench.current.open();
    const touched = await engine.write((tx) => tx.run('UPDATE users SET last_login_at = ?', [253_402_300_799_000]));
    expect(touched).toBe(2);
    const rows = await engine.read((tx) =>
      tx.all('SELECT name, last_login_at, last_step FROM users WHERE name = ?', ['bob']),
    );
    expect(rows).toEqual([{ name: 'bob', last_login_at: 253_402_300_799_000, last_step: null }]);
  });

  it('answers with the time of the clock, once a transaction', async () => {
    await storeWith(bench.current, 'alice');
    const engine = await bench.current.open();
    bench.current.setNow(NOON + 5000);
    expect(await engine.now()).toBe(NOON + 5000);
    expect(await engine.read((tx) => tx.now())).toBe(NOON + 5000);
    expect(await engine.write((tx) => tx.now())).toBe(NOON + 5000);
  });

  it('has another revision after a write by somebody else, and the same one after reading', async () => {
    const store = await storeWith(bench.current, 'alice');
    const other = await openPlainStore(await bench.current.open());
    const before = await store.revision();
    await other.users();
    expect(await store.revision()).toBe(before);
    await other.unlock(idOf('alice'));
    await other.editUser({ id: idOf('alice'), changes: { display: 'Alice' } });
    const after = await store.revision();
    expect(after).not.toBe(before);
    await store.editUser({ id: idOf('alice'), changes: { display: 'Alice A.' } });
    expect(await store.revision()).not.toBe(after);
  });

  it('refuses a database that a newer Gatehouse wrote, and leaves it as it is', async () => {
    const store = await storeWith(bench.current, 'alice');
    const engine = await bench.current.open();
    await engine.write((tx) => tx.run('UPDATE schema_version SET version = ?', [SCHEMA_VERSION + 1]));
    await expect(migrate(engine)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('newer Gatehouse'),
    });
    await expect(bench.current.open().then(openPlainStore)).rejects.toMatchObject({ code: 'unavailable' });
    await engine.write((tx) => tx.run('UPDATE schema_version SET version = ?', [SCHEMA_VERSION]));
    expect(await store.users()).toHaveLength(1);
  });

  it('refuses a database of an older version: at the beginning, and in the course of a write', async () => {
    const store = await storeWith(bench.current, 'alice');
    const engine = await bench.current.open();
    const older = { code: 'unavailable', message: expect.stringContaining('older Gatehouse') };
    await engine.write((tx) => tx.run('UPDATE schema_version SET version = ?', [SCHEMA_VERSION - 1]));
    await expect(migrate(engine)).rejects.toMatchObject(older);
    await expect(engine.read((tx) => isOfThisVersion(tx))).rejects.toMatchObject(older);
    await expect(store.editUser({ id: idOf('alice'), changes: { display: 'Alice' } })).rejects.toMatchObject(older);
    // One that records nothing, too.
    const better = { userId: idOf('alice'), from: 'hash of alice', to: 'better hash' };
    await expect(store.rehashPassword(better)).rejects.toMatchObject(older);
    await engine.write((tx) => tx.run('UPDATE schema_version SET version = ?', [SCHEMA_VERSION + 1]));
    const newer = { code: 'unavailable', message: expect.stringContaining('newer Gatehouse') };
    await expect(engine.read((tx) => schemaVersion(tx))).rejects.toMatchObject(newer);
    await expect(engine.read((tx) => isOfThisVersion(tx))).rejects.toMatchObject(newer);
    await expect(engine.write((tx) => upgradeSchema(tx))).rejects.toMatchObject(newer);
    await expect(store.editUser({ id: idOf('alice'), changes: { display: 'Alice' } })).rejects.toMatchObject(newer);
    await engine.write((tx) => tx.run('UPDATE schema_version SET version = ?', [SCHEMA_VERSION]));
    const asBefore = { display: 'alice of St Elsewhere', passwordHash: 'hash of alice' };
    expect(await store.userById(idOf('alice'))).toMatchObject(asBefore);
  });

  it('refuses a database whose version is not one number', async () => {
    await storeWith(bench.current, 'alice');
    const engine = await bench.current.open();
    for (const sql of ['INSERT INTO schema_version (version) VALUES (2)', 'DELETE FROM schema_version']) {
      await engine.write((tx) => tx.run(sql));
      await expect(migrate(engine)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(engine.read((tx) => schemaVersion(tx))).rejects.toMatchObject({ code: 'unavailable' });
      expect(await engine.read((tx) => isOfThisVersion(tx))).toBe(false);
    }
  });

  it('makes the schema once when many open a new database at once', async () => {
    const engines = await Promise.all([bench.current.open(), bench.current.open(), bench.current.open()]);
    const opened = await Promise.allSettled(engines.map((engine) => migrate(engine)));
    // An engine whose database is one file may tell the late ones that it was made meanwhile; none may spoil it.
    expect(opened.filter((outcome) => outcome.status === 'fulfilled').length).toBeGreaterThan(0);
    const store = await openPlainStore(await bench.current.open());
    expect(await store.users()).toEqual([]);
  });
}
