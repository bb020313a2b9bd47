/** What every engine has to hold when several processes are at work on one database: `describeProcesses('sqljs', openBench)`. */
import { describe, expect, it, onTestFinished } from 'vitest';

import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { nextMessage, startChild, untilEnd } from './child-process.ts';
import { lossesOf, type MixedOutcome, mixedPeople, PEOPLE } from './mixed-model.ts';

/** A fresh database with its schema. */
export type ProcessBench = {
  /** For child processes (`open-child-store.ts`). */
  readonly address: string;
  /** With all the patience that competition may take. */
  open(): Promise<SqlEngine>;
  dispose(): Promise<void>;
};

/** More of them by hand: they are the dear part. */
const PROCESSES = Number(process.env.GATEHOUSE_TEST_PROCESSES ?? 8);

export function describeProcesses(engine: string, open: () => Promise<ProcessBench>): void {
  describe(engine, () => {
    it(`grants one of ${PROCESSES} processes that use one code at once, round after round`, async () => {
      const { store, database } = await pairedPeople(open, 'alice');
      await store.claimTimeStep({ userId: idOf('alice'), pairingId: 'p-alice', step: 1, rules: RULES });
      const first = startChild('claim-on-signal.ts', database.address);
      await nextMessage(first);
      const others = Array.from({ length: PROCESSES - 1 }, () => startChild('claim-on-signal.ts', database.address));
      await Promise.all(others.map(nextMessage));
      const children = [first, ...others];
      const rounds = 15;
      for (let step = 2; step < 2 + rounds; step += 1) {
        const answers = Promise.all(children.map(nextMessage));
        for (const child of children) child.send(step);
        expect((await answers).toSorted()).toEqual([...Array(PROCESSES - 1).fill('already-used'), 'claimed']);
      }
      expect((await store.userById(idOf('alice')))?.twoFactor.pairing?.lastStep).toBe(1 + rounds);
    });

    it('keeps every acknowledged write of writers that are killed again and again', async () => {
      const { store, database } = await pairedPeople(open, ...PEOPLE);
      let acknowledged = 0;
      await Promise.all(
        PEOPLE.map(async (name) => {
          for (let life = 0; life < 3; life += 1) {
            const from = 1 + ((await store.userById(idOf(name)))?.twoFactor.pairing?.lastStep ?? 0);
            const child = startChild('claim-for-ever.ts', database.address, name, String(from));
            const end = untilEnd(child);
            let seen = 0;
            child.stdout?.on('data', (text: string) => {
              seen += text.split('\n').length - 1;
              if (seen > 5 + life) child.kill('SIGKILL');
            });
            const steps = (await end).output.trim().split('\n').map(Number);
            acknowledged += steps.length;
            const last = (await store.userById(idOf(name)))?.twoFactor.pairing?.lastStep ?? 0;
            // What was not acknowledged may be there too: one write may have been on its way.
            expect([steps.at(-1), (steps.at(-1) ?? 0) + 1]).toContain(last);
          }
        }),
      );
      expect(await store.integrity()).toEqual(['ok']);
      console.log(`${engine}: killed 9 writers amid ${acknowledged} acknowledged writes: none lost`);
    });

    it('loses nothing of the mixed writes of eight processes and a console', async () => {
      const database = await open();
      onTestFinished(() => database.dispose());
      const store = await openPlainStore(await database.open());
      const before = await mixedPeople(store);
      const perProcess = Math.ceil(Number(process.env.GATEHOUSE_TEST_WRITES ?? 320) / 8);
      const children = Array.from({ length: 8 }, (_, number) =>
        startChild('mixed-writer.ts', database.address, String(number + 1), String(perProcess)),
      );
      const outcomes = ((await Promise.all(children.map(nextMessage))) as MixedOutcome[][]).flat();
      expect(outcomes).toHaveLength(perProcess * 8);
      expect(await lossesOf(store, before, outcomes)).toEqual([]);
      console.log(`${engine}: ${outcomes.length} mixed writes of 8 processes: every outcome is in the database`);
    });
  });
}

type People = { readonly store: PlainStore; readonly database: ProcessBench };

/** A store whose users have a pairing each, `p-<name>`. */
export async function pairedPeople(open: () => Promise<ProcessBench>, ...names: readonly string[]): Promise<People> {
  const database = await open();
  onTestFinished(() => database.dispose());
  const store = await openPlainStore(await database.open());
  await store.addUsers(names.map((name) => person(name)));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  for (const name of names) await store.issueByAdmin({ userId: idOf(name), pairing: pairing(`p-${name}`) });
  return { store, database };
}
