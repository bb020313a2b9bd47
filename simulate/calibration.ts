/** Measures, in a few seconds, what the model needs to know of this machine: one argon2id verification, and a log-on's share of store and audit trail. */
import { availableParallelism } from 'node:os';
import { verify } from '@node-rs/argon2';
import { openDatabases } from '../bench/databases.ts';
import { facilitiesIn, PASSWORD } from '../bench/facilities.ts';
import { logOnIn } from '../bench/log-on-here.ts';
import { median } from '../bench/statistics.ts';
import { timed } from '../bench/timed.ts';
import { openFacility } from '../src/core/node/facility.ts';
import type { EngineInPlay } from './hospital-facility.ts';
import type { ServiceTimes } from './model.ts';

/** In that folder, on the disk where it lies. */
export async function calibrate(
  folder: string,
  facility: { readonly users: number; readonly engine: EngineInPlay },
): Promise<ServiceTimes> {
  const databases = openDatabases();
  const made = await facilitiesIn(folder, databases).ofUsers(facility.users, facility.engine);
  const opened = await openFacility(made.config);
  try {
    const hashes: number[] = [];
    const stores: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      hashes.push(await timed(() => onAllCores(() => verify(made.passwordHash, PASSWORD))));
      stores.push(await timed(() => logOnIn(opened, made)));
    }
    return { hashMs: rounded(median(hashes)), storeMs: rounded(median(stores)) };
  } finally {
    await opened.close();
    await databases.close();
  }
}

const ROUNDS = 25;

/** As a server under load does it: cores share their memory's bandwidth, so one at a time would be too quick. */
function onAllCores(hash: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, hash));
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
