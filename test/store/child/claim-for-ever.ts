/** Claims one step after the other for the user it is named, and writes each acknowledged one to stdout, until it is killed. */
import { writeSync } from 'node:fs';
import { idOf, RULES } from '../../store-contract/people.ts';
import { openChildStore } from './open-child-store.ts';

const name = process.argv[3] ?? '';
const store = await openChildStore();
for (let step = Number(process.argv[4]); ; step += 1) {
  const claim = { userId: idOf(name), pairingId: `p-${name}`, step, rules: RULES };
  if ((await store.claimTimeStep(claim)).kind === 'claimed') writeSync(1, `${step}\n`);
}
