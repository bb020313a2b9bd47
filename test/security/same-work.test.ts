/**
 * The attack: tell by the clock which names exist (C11, OpenSSH CVE-2016-6210). Whoever is named, one argon2 run and one transaction are done before the same
 * words come. How well a classifier tells the names apart by time is printed, for people to judge: a test of it would be one of the machine.
 */
import { expect, it, vi } from 'vitest';
import { userCounter } from '../../src/core/lockout.ts';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import type { PasswordHasher } from '../../src/core/ports.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { plainStore } from '../support/plain-store.ts';
import {
  ADMIN,
  logOn,
  noticesOf,
  PASSWORD,
  type TemporaryFacility,
  temporaryFacility,
} from '../support/temporary-facility.ts';

vi.setConfig({ testTimeout: 120_000 });

const NAMES = ['alice', 'disabled', 'locked', 'passwordless', 'nobody'] as const;
type Name = (typeof NAMES)[number];
const WRONG = 'wrong wrong wrong';

const AT_ONCE = {
  passwordFailures: 1,
  codeFailures: 1,
  firstDelaySeconds: 900,
  longestDelaySeconds: 900,
  hardLimit: 100,
};

/** One of each kind; the budget is large enough for all that is tried here. */
async function everyKind(): Promise<TemporaryFacility> {
  const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Login]\nAttempts=1\n[Lockout]\nPasswordFailures=90\n');
  const { facility } = place;
  for (const name of ['alice', 'disabled', 'locked']) await place.addUser(name);
  const directory = await facility.directory();
  await directory.addUser(ADMIN, { name: 'passwordless', password: { kind: 'none' } });
  const disabled = await directory.find('disabled');
  if (disabled) await facility.store.by({}).editUser({ id: disabled.id, changes: { disabled: true } });
  const locked = await directory.find('locked');
  if (locked)
    await plainStore(facility.store).settlePassword({
      counter: userCounter(locked.id),
      known: true,
      right: false,
      rules: AT_ONCE,
    });
  return place;
}

async function attempt(place: TemporaryFacility, user: string, password: string, hasher?: PasswordHasher) {
  const world = { ...loginDeps(place.facility), ...(hasher ? { hasher } : {}) };
  return logOn(beginLogin(world, { user }), { password });
}

it('costs one argon2 run with the parameters in force, and says the same words, whoever is named', async () => {
  const place = await everyKind();
  const { hasher } = place.facility;
  for (const name of NAMES) {
    const runs: string[] = [];
    const counting: PasswordHasher = {
      ...hasher,
      verify: (password, phc) => {
        runs.push(parametersOf(phc));
        return hasher.verify(password, phc);
      },
    };
    const said = await attempt(place, name, name === 'alice' ? WRONG : PASSWORD, counting);
    // Null and undefined are checked against a dummy of the same cost: password-hasher.test.ts.
    expect([name, runs.map((run) => run.replace('dummy', IN_FORCE)), noticesOf(said)[0]]).toEqual([
      name,
      [IN_FORCE],
      'Login incorrect.',
    ]);
  }
});

it('is told apart by time in so many of a hundred guesses (printed, not judged)', async () => {
  const place = await everyKind();
  const times = new Map<Name, number[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of NAMES) {
      const startedAt = performance.now();
      await attempt(place, name, WRONG);
      times.get(name)?.push(performance.now() - startedAt);
    }
  }
  const nobody = times.get('nobody') ?? [];
  const figures = NAMES.filter((name) => name !== 'nobody').map((name) => {
    const right = bestThreshold(times.get(name) ?? [], nobody);
    return `${name} ${(right * 100).toFixed(0)} %`;
  });
  console.log(
    `told apart from a name that nobody has, by the best threshold over ${ROUNDS} each: ${figures.join(', ')} (pure chance makes about 60 % of it)`,
  );
  expect(nobody).toHaveLength(ROUNDS);
});

const ROUNDS = 20;
const IN_FORCE = 'm=19456,t=2,p=1';

function parametersOf(phc: string | null | undefined): string {
  return phc === null || phc === undefined ? 'dummy' : (phc.split('$')[3] ?? 'none');
}

/** How often the best single threshold, either way round, says right which of the two a time is of. */
function bestThreshold(one: readonly number[], other: readonly number[]): number {
  const all = [...one, ...other];
  const right = all.map((threshold) => {
    const below = one.filter((time) => time <= threshold).length + other.filter((time) => time > threshold).length;
    return Math.max(below, all.length - below);
  });
  return Math.max(...right) / all.length;
}
