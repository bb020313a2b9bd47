/** Does so many random writes, in competition with others over the same users, and reports what each one's outcome was. */
import { userCounter } from '../../../src/core/lockout.ts';
import { idOf, person } from '../../store-contract/people.ts';
import { CODE_NAMES, MANY_FAILURES, type MixedOutcome, PEOPLE } from '../mixed-model.ts';
import { openChildStore } from './open-child-store.ts';

const seed = Number(process.argv[3]);
const count = Number(process.argv[4]);
const store = await openChildStore();
const outcomes: MixedOutcome[] = [];
const random = mulberry32(seed);

for (let write = 0; write < count; write += 1) outcomes.push(await oneWrite());
process.send?.(outcomes, () => process.exit());

async function oneWrite(): Promise<MixedOutcome> {
  const name = pick(PEOPLE);
  const id = idOf(name);
  switch (Math.floor(random() * 5)) {
    case 0: {
      // Others race for the same step, since each asks for the next one.
      const step = ((await store.userById(id))?.twoFactor.pairing?.lastStep ?? 0) + 1;
      const claim = { userId: id, pairingId: `p-${name}`, step, rules: MANY_FAILURES };
      return { what: 'claim', name, step, kind: (await store.claimTimeStep(claim)).kind };
    }
    case 1: {
      const before = await store.userById(id);
      const changes = { display: `edit ${seed}-${outcomes.length}` };
      const edit = { id, expectedVersion: before?.version ?? 0, changes };
      return { what: 'edit', name, kind: (await store.editUser(edit)).kind };
    }
    case 2: {
      const codeId = pick(CODE_NAMES);
      const claim = { userId: id, codeId, rules: MANY_FAILURES };
      return { what: 'recover', name, codeId, kind: (await store.consumeRecoveryCode(claim)).kind };
    }
    case 3: {
      const attempt = { counter: userCounter(id), known: true, right: false, rules: MANY_FAILURES };
      await store.settlePassword(attempt);
      return { what: 'password', name };
    }
    default: {
      const added = `new-${Math.floor(random() * 200)}`;
      return { what: 'add', name: added, kind: (await store.addUsers([person(added)])).kind };
    }
  }
}

function pick<T>(choice: readonly T[]): T {
  const picked = choice[Math.floor(random() * choice.length)];
  if (picked === undefined) throw new Error('nothing to choose from');
  return picked;
}

/** A small seeded generator, so that a failing run can be run again. */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
