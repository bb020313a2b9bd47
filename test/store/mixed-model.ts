/** What the mixed writers do, as outcomes that add up: whatever order they came in, the end must fit their sum. */

import type { CodeClaim } from '../../src/core/ports.ts';
import { code, idOf, pairing, person, RULES } from '../store-contract/people.ts';
import type { PlainStore } from '../support/plain-store.ts';

export const PEOPLE = ['alice', 'bob', 'carol'] as const;
export const CODE_NAMES = Array.from({ length: 10 }, (_, number) => `r${number}`);
/** Nobody is locked out, so each wrong attempt is counted. */
export const MANY_FAILURES = { ...RULES, passwordFailures: 1e6, codeFailures: 1e6, hardLimit: 1e6 };

export type MixedOutcome =
  | { readonly what: 'claim'; readonly name: string; readonly step: number; readonly kind: CodeClaim['kind'] }
  | { readonly what: 'edit'; readonly name: string; readonly kind: 'edited' | 'gone' | 'conflict' | 'last-admin' }
  | { readonly what: 'recover'; readonly name: string; readonly codeId: string; readonly kind: CodeClaim['kind'] }
  | { readonly what: 'password'; readonly name: string }
  | { readonly what: 'add'; readonly name: string; readonly kind: 'added' | 'taken' };

/** Versions of the people before the writers begin, by name. */
export type BeforeMixed = ReadonlyMap<string, number>;

/** An empty store becomes what the writers expect: each of PEOPLE with a pairing, step 1 used, and CODE_NAMES as recovery codes. */
export async function mixedPeople(store: PlainStore): Promise<BeforeMixed> {
  await store.addUsers(PEOPLE.map((name) => person(name)));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  for (const name of PEOPLE) {
    await store.issueByAdmin({ userId: idOf(name), pairing: pairing(`p-${name}`) });
    await store.claimTimeStep({ userId: idOf(name), pairingId: `p-${name}`, step: 1, rules: RULES });
    await store.replaceRecoveryCodes({ userId: idOf(name), codes: CODE_NAMES.map((each) => code(each)) });
  }
  return new Map((await store.users()).map((user) => [user.name, user.version]));
}

/** What in the database is not the sum of the outcomes, as sentences. */
export async function lossesOf(
  store: PlainStore,
  before: BeforeMixed,
  outcomes: readonly MixedOutcome[],
): Promise<readonly string[]> {
  const losses: string[] = [];
  const same = (what: string, found: unknown, wanted: unknown) => {
    const [there, due] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (there !== due) losses.push(`${what}: ${there} instead of ${due}`);
  };
  for (const name of PEOPLE) {
    const mine = outcomes.filter((outcome) => outcome.name === name);
    const user = await store.userById(idOf(name));
    const steps = mine.flatMap((one) => (one.what === 'claim' && one.kind === 'claimed' ? [one.step] : []));
    // Each step once, and none left out: everybody asked for the next one.
    same(
      `steps of ${name}`,
      steps.toSorted((one, other) => one - other),
      steps.map((_, index) => index + 2),
    );
    same(`last step of ${name}`, user?.twoFactor.pairing?.lastStep, 1 + steps.length);
    const edits = mine.filter((one) => one.what === 'edit' && one.kind === 'edited').length;
    same(`version of ${name}`, user?.version, (before.get(name) ?? 0) + edits);
    const used = mine.flatMap((one) => (one.what === 'recover' && one.kind === 'claimed' ? [one.codeId] : []));
    const left = (await store.recoveryCodes(idOf(name))).map((each) => each.id);
    same(`recovery codes of ${name}, used and left`, [...used, ...left].toSorted(), CODE_NAMES);
  }
  const added = outcomes.flatMap((one) => (one.what === 'add' && one.kind === 'added' ? [one.name] : []));
  same('users', (await store.users()).map((user) => user.name).toSorted(), [...PEOPLE, ...added].toSorted());
  same('integrity', await store.integrity(), ['ok']);
  return losses;
}
