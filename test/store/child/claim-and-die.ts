/** Claims one time step and is killed by the kernel right before or right after the n-th system call of the save. */
import { writeSync } from 'node:fs';
import { type FileCalls, NODE_FILE_CALLS } from '../../../src/core/node/durable-write.ts';
import { idOf, RULES } from '../../store-contract/people.ts';
import { openChildStore } from './open-child-store.ts';

const step = Number(process.argv[3]);
const fatalCall = Number(process.argv[4]);
const moment = process.argv[5];

let calls = 0;
async function counted<T>(call: () => Promise<T>): Promise<T> {
  calls += 1;
  if (calls === fatalCall && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const mine = calls;
  try {
    return await call();
  } finally {
    if (mine === fatalCall && moment === 'after') process.kill(process.pid, 'SIGKILL');
  }
}

const deadly: FileCalls = {
  open: (...args) => counted(() => NODE_FILE_CALLS.open(...args)),
  // In two parts, so that there is a moment at which half of the file is written.
  write: (fd, bytes, offset, length) =>
    counted(() => NODE_FILE_CALLS.write(fd, bytes, offset, Math.min(length, Math.ceil(bytes.length / 2)))),
  size: (...args) => counted(() => NODE_FILE_CALLS.size(...args)),
  fsync: (...args) => counted(() => NODE_FILE_CALLS.fsync(...args)),
  rename: (...args) => counted(() => NODE_FILE_CALLS.rename(...args)),
  unlink: (...args) => counted(() => NODE_FILE_CALLS.unlink(...args)),
  close: (...args) => counted(() => NODE_FILE_CALLS.close(...args)),
};

const store = await openChildStore({ calls: deadly });
const outcome = await store.claimTimeStep({ userId: idOf('alice'), pairingId: 'p-alice', step, rules: RULES });
writeSync(1, outcome.kind);
await store.close();
