import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { idOf, RULES } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { startChild, untilEnd } from './child-process.ts';
import { describeProcesses, type ProcessBench, pairedPeople } from './process-contract.ts';
import { type TemporaryDatabase, temporaryDatabase, temporarySqlite } from './temporary-database.ts';

describeProcesses('sqljs', async () => patient(await temporaryDatabase()));
describeProcesses('sqlite', async () => patient(await temporarySqlite()));

function patient(database: TemporaryDatabase): ProcessBench {
  return { ...database, open: () => database.open({ lockWaitMs: 60_000 }) };
}

it('has the old or the new image, whole, when a writer is killed at any system call of a save', async () => {
  const database = await temporaryDatabase();
  const { store } = await pairedPeople(async () => database, 'alice');
  let step = 1;
  let callsOfASave = 0;
  for (let call = 1; ; call += 1) {
    const ends = [];
    for (const moment of ['before', 'after']) {
      step += 1;
      const child = startChild('claim-and-die.ts', database.address, String(step), String(call), moment);
      const { output, signal } = await untilEnd(child);
      ends.push(signal);
      // A new reader, as after a power cut: nothing in memory helps it.
      const reader = await openPlainStore(await database.open());
      expect(await reader.integrity()).toEqual(['ok']);
      const found = (await reader.userById(idOf('alice')))?.twoFactor.pairing?.lastStep ?? 0;
      expect([step - 1, step]).toContain(Math.max(found, step - 1));
      if (output === 'claimed') expect(found).toBe(step);
      // Whoever comes next gets the lock, and clears away what the dead one left.
      await reader.claimTimeStep({ userId: idOf('alice'), pairingId: 'p-alice', step, rules: RULES });
      expect((await reader.userById(idOf('alice')))?.twoFactor.pairing?.lastStep).toBe(step);
      await reader.unlock(idOf('alice'));
      await reader.editUser({ id: idOf('alice'), changes: { display: `after ${step}` } });
      expect(existsSync(`${database.path}.new`)).toBe(false);
    }
    if (ends.every((signal) => signal === null)) break;
    expect(ends).toEqual(['SIGKILL', 'SIGKILL']);
    callsOfASave = call;
  }
  // unlink, open, two writes, size, fsync, close, rename, and open, fsync, close of the folder.
  expect(callsOfASave).toBe(11);
  expect(await store.integrity()).toEqual(['ok']);
});
