import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SealedCell } from '../../src/core/ports.ts';
import { openSqljs } from '../../src/core/store/engines/sqljs.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { code, idOf, NOON, pairing, person, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

export function keepingContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  const userId = idOf('alice');

  it('finds every sealed value that is not under a key, in portions, and none that is', async () => {
    const store = await sealedStore();
    const cells = await store.sealedNotUnder('key-2', 100);
    expect(cells.map(({ table, rowId, userId: owner }) => [table, rowId, owner])).toEqual([
      ['pairing', 'p1', userId],
      ['recovery', 'r1', userId],
      ['recovery', 'r2', userId],
      ['one-time', 'o1', userId],
    ]);
    expect(cells[0]?.envelope).toBe(pairing('p1').sealedSecret);
    expect(await store.sealedNotUnder('key-2', 3)).toEqual(cells.slice(0, 3));
    expect(await store.sealedNotUnder('key-1', 100)).toEqual([]);
    // `_` is a letter of a key id, not a wildcard, and the beginning of a key id is another key.
    expect(await store.sealedNotUnder('key_1', 100)).toHaveLength(4);
    expect(await store.sealedNotUnder('key', 100)).toHaveLength(4);
  });

  it('reseals what is still as it was read, and leaves what somebody else has changed or removed', async () => {
    const store = await sealedStore();
    const cells = await store.sealedNotUnder('key-2', 100);
    await store.putOneTimeCode({ userId, code: code('o2', NOON + 1000) });
    const to = (cell: SealedCell) => cell.envelope.replace('key-1', 'key-2');
    expect(await store.reseal(cells.map((cell) => ({ cell, to: to(cell) })))).toBe(3);
    expect(await store.reseal(cells.map((cell) => ({ cell, to: to(cell) })))).toBe(0);
    expect((await store.sealedNotUnder('key-2', 100)).map((cell) => cell.rowId)).toEqual(['o2']);
    expect((await store.userById(userId))?.twoFactor.pairing?.sealedSecret).toMatch(/^v1\.key-2\./);
    expect(await store.recoveryCodes(userId)).toHaveLength(2);
  });

  it('reseals nothing that is another user’s, another row’s, or sealed anew meanwhile', async () => {
    const store = await sealedStore();
    const cells = await store.sealedNotUnder('key-2', 100);
    for (const cell of cells) {
      for (const other of [{ userId: idOf('bob') }, { rowId: 'other' }, { envelope: 'v1.key-1.other' }]) {
        expect(await store.reseal([{ cell: { ...cell, ...other }, to: 'v1.key-2.new' }])).toBe(0);
      }
    }
    expect(await store.sealedNotUnder('key-2', 100)).toEqual(cells);
    for (const cell of cells) expect(await store.reseal([{ cell, to: 'v1.key-2.new' }])).toBe(1);
    expect(await store.sealedNotUnder('key-2', 100)).toEqual([]);
  });

  it('gives a whole copy as one SQLite file, with its users, secrets and used steps', async () => {
    const store = await sealedStore();
    // More than one portion of a table.
    await store.addUsers(Array.from({ length: 1_100 }, (_, index) => person(`n${index}`)));
    expect(await store.integrity()).toEqual(['ok']);
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-snapshot-'));
    try {
      const path = join(folder, 'copy.db');
      writeFileSync(path, await store.snapshot(), { mode: 0o600 });
      const clock = { now: () => NOON };
      const copy = await openPlainStore(await openSqljs({ path, clock, absent: 'refuse' }));
      expect(await copy.users()).toEqual(await store.users());
      expect((await copy.users()).length).toBe(1_102);
      expect(await copy.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES })).toMatchObject({
        kind: 'already-used',
      });
      await copy.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  async function sealedStore(): Promise<PlainStore> {
    const store = await storeWith(bench.current, 'alice', 'bob');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
    await store.putOneTimeCode({ userId, code: code('o1', NOON + 1000) });
    return store;
  }
}
