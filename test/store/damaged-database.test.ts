import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { userCounter } from '../../src/core/lockout.ts';
import { nameKey } from '../../src/core/user.ts';
import { code, idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import fc from '../support/properties.ts';
import { temporaryDatabase } from './temporary-database.ts';

const RUNS = 150;
const userId = idOf('alice');

it('never crashes, hangs or grants on a damaged file: it works, or says in a Fault that it does not', async () => {
  const database = await temporaryDatabase();
  onTestFinished(() => database.dispose());
  const store = await openPlainStore(await database.open());
  await store.addUsers(Array.from({ length: 60 }, (_, number) => person(number === 0 ? 'alice' : `user-${number}`)));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  await store.issueByAdmin({ userId, pairing: pairing('p1') });
  await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
  await store.replaceRecoveryCodes({ userId, codes: [code('r1')] });
  const whole = readFileSync(database.path);
  const figures = { worked: 0, refused: 0 };
  const damage = fc.record({
    at: fc.array(fc.nat(whole.length - 1), { minLength: 1, maxLength: 40 }),
    byte: fc.nat(255),
    cutTo: fc.oneof(
      { weight: 9, arbitrary: fc.constant(whole.length) },
      { weight: 1, arbitrary: fc.nat(whole.length) },
    ),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, byte, cutTo }) => {
      const damaged = Buffer.from(whole);
      for (const index of at) damaged[index] = byte;
      writeFileSync(database.path, damaged.subarray(0, cutTo));
      for (const attempt of ATTEMPTS) {
        try {
          const outcome = await attempt(store);
          figures.worked += 1;
          expect(outcome).not.toMatchObject({ kind: expect.stringMatching(/^(claimed|right)$/) });
        } catch (thrown) {
          if (!(thrown instanceof Fault)) throw thrown;
          figures.refused += 1;
          expect(`${thrown.code}: ${thrown.message}`).toMatch(/^(unavailable|internal): [^\n]{10,300}\.$/);
        }
      }
    }),
    { numRuns: RUNS, seed: 20_261_124 },
  );
  expect(figures.worked).toBeGreaterThan(0);
  expect(figures.refused).toBeGreaterThan(0);
  console.log(
    `${RUNS} damaged databases: ${figures.worked} questions answered, ${figures.refused} refused, none granted`,
  );
});

/** Nothing of this is a grant in the whole database. */
const ATTEMPTS: readonly ((store: PlainStore) => Promise<unknown>)[] = [
  (store) => store.findUser(nameKey('alice')),
  (store) => store.users(),
  (store) => store.claimTimeStep({ userId, pairingId: 'another', step: 2, rules: RULES }),
  (store) => store.consumeRecoveryCode({ userId, codeId: 'another', rules: RULES }),
  (store) => store.settlePassword({ counter: userCounter(userId), known: true, right: false, rules: RULES }),
];
