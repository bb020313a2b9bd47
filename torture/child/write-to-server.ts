/**
 * Writes to a PostgreSQL server until it is killed: `write-to-server.ts PLAN`. Says `armed`, where in a transaction it is, `0 add w-17` for what was acknowledged,
 * and `0 not w-17` for what was told as not done, or as not known.
 */
import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { toFault } from '../../src/core/errors.ts';
import { seededRandom } from '../random.ts';
import { anyCountedWrite, doWrite } from '../store/counted-writes.ts';
import { openOnServer, type ServerPlan } from '../store/server-store.ts';
import { say } from './say.ts';
import { sayingWhere } from './saying-where.ts';

const plan: ServerPlan & { readonly seed: number } = JSON.parse(process.argv[2] ?? '');
const { store } = await openOnServer(plan, (engine) => sayingWhere(engine, 0));
await store.now();
flushCompileCache();
const random = seededRandom(plan.seed);
say('armed');
for (let number = 1; ; number += 1) {
  const name = `${plan.host}-${number}`;
  const what = anyCountedWrite(random);
  try {
    await doWrite(store, what, name);
    say(`0 ${what} ${name}`);
  } catch (thrown) {
    const { code, cause } = toFault(thrown);
    if (code === 'internal') throw cause ?? thrown;
    say(`0 not ${name}`);
    // The server is down: not asked a thousand times a second.
    await pause(20);
  }
}
