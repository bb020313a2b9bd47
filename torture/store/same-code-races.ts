/** Several processes come with the same code at once, held at the database's own lock until all are there: exactly one of them gets in. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { acquireFileLock, acquireSharedFileLock } from '../../src/core/node/file-lock.ts';
import { openPlainStore, type PlainStore } from '../../test/support/plain-store.ts';
import type { Random } from '../random.ts';
import type { Torment, Victim } from '../torment.ts';
import { idOf, settle } from './any-write.ts';
import { FILE_ENGINES, type FileEngine, openFileEngine } from './engines.ts';

/** What each process of a race is told to claim, for alice. */
export type Claim =
  | { readonly what: 'time step'; readonly step: number }
  | { readonly what: 'recovery code' | 'one-time code'; readonly codeId: string };

export const sameCodeRaces: Torment = {
  name: 'same-code-races',
  about:
    'processes that come with one time step, recovery code or one-time code at once, with each engine: one grant a race',
  counted: 'races',
  goals: { short: 8, long: 10_000 },
  open: victim,
};

const RACERS = 6;
const userId = idOf('alice');

async function victim(folder: string): Promise<Victim> {
  const tracks: Track[] = [];
  for (const engine of FILE_ENGINES) tracks.push(await openTrack(folder, engine));
  return {
    async round(random) {
      const track = random.pick(tracks);
      const claim = await anyClaim(random, track);
      const outcomes = (await race(track, claim)).toSorted();
      const granted = outcomes.filter((outcome) => outcome === 'claimed').length;
      if (granted !== 1)
        throw new Error(`${granted} grants for one ${claim.what} with ${track.engine}: ${outcomes.join()}`);
      const others = outcomes.filter((outcome) => outcome !== 'claimed' && outcome !== 'already-used');
      if (others.length > 0) throw new Error(`a ${claim.what} that was used is told as ${others.join()}`);
      return { races: 1, [`  for a ${claim.what}, ${track.engine}`]: 1, grants: granted, refusals: RACERS - granted };
    },
    async close() {
      for (const { store, racers } of tracks) {
        for (const racer of racers) racer.kill('SIGKILL');
        await store.close();
      }
    },
  };
}

type Track = {
  readonly engine: FileEngine;
  readonly path: string;
  readonly store: PlainStore;
  readonly racers: readonly ChildProcess[];
  /** The last one that was claimed. */
  step: number;
};

async function openTrack(folder: string, engine: FileEngine): Promise<Track> {
  const path = join(folder, `${engine}.db`);
  const store = await openPlainStore(await openFileEngine({ engine, path, absent: 'create' }));
  await settle(store);
  const racers = Array.from({ length: RACERS }, () =>
    fork(join(import.meta.dirname, '../child/claim-anything.ts'), [engine, path], { execArgv: [] }),
  );
  await Promise.all(racers.map((racer) => once(racer, 'message')));
  return { engine, path, store, racers, step: 1 };
}

async function anyClaim(random: Random, track: Track): Promise<Claim> {
  const codeId = `c${random.below(1e9)}`;
  const code = { id: codeId, sealedHash: `v1.0123abcd.bm9uY2U.hash-of-${codeId}`, expiresAt: null };
  switch (random.below(4)) {
    case 0:
      await track.store.replaceRecoveryCodes({ userId, codes: [code, { ...code, id: 'another' }] });
      return { what: 'recovery code', codeId };
    case 1:
      await track.store.putOneTimeCode({ userId, code });
      return { what: 'one-time code', codeId };
    default:
      track.step += 1;
      return { what: 'time step', step: track.step };
  }
}

async function race({ engine, path, racers }: Track, claim: Claim): Promise<readonly unknown[]> {
  const answers = Promise.all(racers.map((racer) => once(racer, 'message')));
  // A process of sqlite holds its part of this lock as long as it is open: there the messages alone are the barrier.
  const request = { path: `${path}.lock`, what: 'database', waitMs: 60_000 };
  const barrier = engine === 'sqljs' ? await acquireFileLock(request) : await acquireSharedFileLock(request);
  for (const racer of racers) racer.send(claim);
  await new Promise((resolve) => setImmediate(resolve));
  barrier.release();
  return (await answers).map(([outcome]) => outcome);
}
