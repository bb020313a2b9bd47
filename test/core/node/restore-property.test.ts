/** Random histories before and after a backup: what is grantable once it was restored was grantable right before. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindingOf, pairingBinding } from '../../../src/core/binding.ts';
import { userCounter } from '../../../src/core/lockout.ts';
import { backUp } from '../../../src/core/node/backup.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../../../src/core/node/facility.ts';
import { createKeyFile } from '../../../src/core/node/key-file.ts';
import { systemRandom } from '../../../src/core/node/random.ts';
import { restore } from '../../../src/core/node/restore.ts';
import type { User } from '../../../src/core/ports.ts';
import { openImageEngine } from '../../../src/core/store/engines/image-engine.ts';
import { type FacilityRows, readFacilityRows } from '../../../src/core/store/facility-rows.ts';
import type { SqlRow } from '../../../src/core/store/sql-engine.ts';
import { timeStepAt } from '../../../src/core/time-step.ts';
import { nameKey, type Role, type UserId } from '../../../src/core/user.ts';
import { isVoidPassword } from '../../../src/core/void-password.ts';
import { plainStore } from '../../support/plain-store.ts';
import fc from '../../support/properties.ts';
import { ACTOR } from '../../support/restorable-facility.ts';
import { START, type SteppedClock, steppedClock } from '../../support/temporary-facility.ts';

const ROLES_UP: readonly Role[] = ['user', 'auditor', 'helpdesk', 'admin'];

type Step = { readonly what: keyof typeof DEEDS; readonly whom: number; readonly number: number };
type World = {
  readonly facility: Facility;
  readonly store: ReturnType<typeof plainStore>;
  readonly clock: SteppedClock;
  readonly number: number;
};
type Deed = (world: World, user: User) => Promise<unknown>;

const MINUTE = 60_000;

const DEEDS = {
  'new password': ({ store, number }, { id }) => edit(store, id, { passwordHash: `pw-${number}.1` }),
  'better hash': ({ store }, { id, passwordHash }) =>
    store.rehashPassword({ userId: id, from: passwordHash ?? '', to: `${passwordHash?.split('.')[0]}.2` }),
  'must change': ({ store, number }, { id }) => edit(store, id, { mustChangePassword: number % 2 === 0 }),
  'password runs out': ({ store, clock }, { id }) => edit(store, id, { passwordExpiresAt: clock.now() + 60 * MINUTE }),
  role: ({ store, number }, { id }) => edit(store, id, { role: ROLES_UP[number % 4] ?? 'user' }),
  disable: ({ store }, { id }) => edit(store, id, { disabled: true }),
  enable: ({ store }, { id }) => edit(store, id, { disabled: false }),
  remove: ({ store }, { id }) => store.removeUser(id),
  require: ({ store, clock, number }, { id }) =>
    store.requireTwoFactor({
      selection: { kind: 'users', ids: [id] },
      from: number % 2 === 0 ? null : clock.now() + 1000 * MINUTE,
    }),
  'require all': ({ store }) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null }),
  deactivate: ({ store }, { id }) => store.deactivate(id),
  'issue by admin': (world, { id }) => world.store.issueByAdmin({ userId: id, pairing: pairing(world, id, null) }),
  'issue at a login': (world, { id, twoFactor }) =>
    world.store.issuePairing({
      userId: id,
      seen: twoFactor.pairing?.id ?? null,
      pairing: pairing(world, id, world.clock.now() + 15 * MINUTE),
    }),
  'right code': ({ store, clock, facility }, { id, twoFactor }) =>
    store.claimTimeStep({
      userId: id,
      pairingId: twoFactor.pairing?.id ?? '',
      step: timeStepAt(clock.now()),
      rules: facility.config.lockout,
    }),
  'wrong code': ({ store, facility }, { id, twoFactor }) =>
    store.claimTimeStep({
      userId: id,
      pairingId: twoFactor.pairing?.id ?? '',
      step: null,
      rules: facility.config.lockout,
    }),
  'wrong passwords': async ({ store, facility, number }, { id }) => {
    const attempt = { counter: userCounter(id), known: true, right: false, rules: facility.config.lockout };
    for (let tries = 0; tries < number; tries += 1) await store.settlePassword(attempt);
  },
  pair: async (world, user) => {
    const { store, clock, facility } = world;
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [user.id] }, from: null });
    const issued = await store.issueByAdmin({ userId: user.id, pairing: pairing(world, user.id, null) });
    if (issued.kind !== 'issued' && issued.kind !== 'kept') return;
    const { lockout: rules } = facility.config;
    await store.claimTimeStep({ userId: user.id, pairingId: issued.pairing.id, step: timeStepAt(clock.now()), rules });
  },
  'unknown name': ({ store, facility, number }) =>
    store.settlePassword({ counter: `name:${number}`, known: false, right: false, rules: facility.config.lockout }),
  unlock: ({ store }, { id }) => store.unlock(id),
  'recovery codes': (world, { id }) =>
    world.store.replaceRecoveryCodes({ userId: id, codes: [1, 2, 3].map(() => storedCode(world, id, 'recovery')) }),
  'use a recovery code': async ({ store, facility }, { id }) => {
    const [code] = await store.recoveryCodes(id);
    return store.consumeRecoveryCode({ userId: id, codeId: code?.id ?? null, rules: facility.config.lockout });
  },
  'one-time code': (world, { id }) =>
    world.store.putOneTimeCode({ userId: id, code: storedCode(world, id, 'one-time') }),
  'password alone': ({ store }, { id }) => store.recordPasswordOnlyLogin({ userId: id, twoFactorRequired: 'by-user' }),
  add: ({ store, number }) => store.addUsers([newUser(`added-${number}`)]),
  wait: async ({ clock, number }) => clock.advance(number * MINUTE),
} satisfies Record<string, Deed>;

const step = fc.record({
  what: fc.constantFrom(...(Object.keys(DEEDS) as (keyof typeof DEEDS)[])),
  whom: fc.nat(3),
  number: fc.nat(9),
});
const history = fc.record({
  before: fc.array(step, { minLength: 4, maxLength: 16 }),
  since: fc.array(step, { minLength: 1, maxLength: 10 }),
  behind: fc.constantFrom(0, 1, 31),
});

describe.each(['sqljs', 'sqlite'] as const)('any history with %s', (engine) => {
  it.each(['the database', 'the trail'] as const)('grants nothing new after a restore that goes by %s', async (by) => {
    await fc.assert(
      fc.asyncProperty(history, async ({ before, since, behind }) => {
        const folder = mkdtempSync(join(tmpdir(), 'gatehouse-history-'));
        try {
          const file = join(folder, 'config.ini');
          writeFileSync(file, `2FA=Auto:Ward LIVE\n[Store]\nEngine=${engine}\n`, { mode: 0o600 });
          const { config } = readConfigFile(file);
          const clock = steppedClock(START);
          await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock });
          const facility = await openFacility(config, { database: 'create', clock });
          const names = ['one', 'two', 'three', 'four'];
          await facility.store.by({}).addUsers([newUser('root', 'admin'), ...names.map((name) => newUser(name))]);
          await play(facility, clock, before);
          const copy = join(folder, 'copy.db');
          await backUp(facility, ACTOR, copy);
          await play(facility, clock, since);
          const then = await rowsOf(await facility.store.snapshot());
          const now = clock.now();
          if (by === 'the trail') await facility.trail.drain();
          await facility.close();
          if (by === 'the trail') rmSync(config.store.path);
          // The clock of the host may be behind by a little, or somebody has set it back.
          clock.advance(-behind * 1000);
          const restored = await restore({ config, actor: ACTOR, file: copy, unknown: 'refuse', clock });
          expect(restored.basis).toBe(by === 'the database' ? 'database' : 'trail');
          const opened = await openFacility(config, { clock });
          const after = await rowsOf(await opened.store.snapshot());
          const verified = await opened.trail.verify();
          await opened.close();
          expect(verified).toMatchObject({ ok: true });
          expectNothingNew(after, then, { now, by });
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 40 },
    );
  });
});

async function play(facility: Facility, clock: SteppedClock, steps: readonly Step[]): Promise<void> {
  const store = plainStore(facility.store);
  for (const { what, whom, number } of steps) {
    const users = (await store.users()).filter(({ name }) => name !== 'root');
    const user = users[whom % Math.max(1, users.length)];
    if (user === undefined) continue;
    const deed: Deed = DEEDS[what];
    await deed({ facility, store, clock, number }, user);
    clock.advance(1000);
  }
}

type Ago = { readonly now: number; readonly by: 'the database' | 'the trail' };

function expectNothingNew(after: FacilityRows, then: FacilityRows, { now, by }: Ago): void {
  for (const user of after.users) {
    const before = then.users.find(({ id }) => id === user.id);
    const isEnabled = user.disabled === 0;
    // Nobody who was disabled or removed.
    if (isEnabled) expect(before?.disabled).toBe(0);
    if (before === undefined) continue;
    expect(rank(user)).toBeLessThanOrEqual(rank(before));
    const hash = user.password_hash as string | null;
    const isAccepted = hash !== null && !isVoidPassword(hash);
    if (isAccepted) expect(passwordIn(hash)).toBe(passwordIn(before.password_hash as string | null));
    if (isAccepted && isEnabled && aloneSuffices(user, now)) expect(aloneSuffices(before, now)).toBe(true);
    if (before.two_factor !== 'off') expect(user.two_factor).not.toBe('off');
    if (user.pairing_id !== null) {
      expect(user.pairing_id).toBe(before.pairing_id);
      expect(user.last_step).toBeGreaterThanOrEqual(Number(before.last_step ?? 0));
      expect(user.last_step).toBeGreaterThanOrEqual(timeStepAt(now) + 1);
    }
    expect(user.must_change_password).toBeGreaterThanOrEqual(
      by === 'the database' ? Number(before.must_change_password) : 0,
    );
  }
  const codes = new Set(then.recoveryCodes.map(({ code_id }) => code_id));
  for (const { code_id } of after.recoveryCodes) expect(codes).toContain(code_id);
  expect(after.oneTimeCodes).toEqual([]);
  for (const row of then.failures) {
    const isOfUser = after.users.some(({ id }) => row.counter === `user:${id}`);
    // The trail does not say which names nobody has; and users who were added since are gone.
    if (row.known === 1 ? !isOfUser : by === 'the trail') continue;
    const same = after.failures.find(({ counter, factor }) => counter === row.counter && factor === row.factor);
    expect(same?.failures ?? 0).toBeGreaterThanOrEqual(Number(row.failures));
    expect(same?.locked_until ?? 0).toBeGreaterThanOrEqual(Number(row.locked_until ?? 0));
  }
}

/** A login by the password alone is granted, now or with an app that is paired in it (2FA=Auto). */
function aloneSuffices({ two_factor, expires_at }: SqlRow, now: number): boolean {
  if (two_factor === 'issued') return expires_at !== null && Number(expires_at) > now - 1000 * MINUTE;
  return two_factor !== 'paired';
}

function rank({ role }: SqlRow): number {
  return ROLES_UP.indexOf(role as Role);
}

function passwordIn(hash: string | null): string | undefined {
  return hash?.split('.')[0];
}

async function rowsOf(bytes: Uint8Array): Promise<FacilityRows> {
  const engine = await openImageEngine(Buffer.from(bytes), { now: () => 0 });
  return engine.read((tx) => readFacilityRows(tx)).finally(() => engine.close());
}

function newUser(name: string, role: Role = 'user') {
  return {
    ...{ id: randomUUID() as UserId, name, nameKey: nameKey(name), display: name, group: '', role },
    ...{ passwordHash: 'pw-0.1', mustChangePassword: false, passwordExpiresAt: null },
  };
}

function edit(store: World['store'], id: UserId, changes: Parameters<World['store']['editUser']>[0]['changes']) {
  return store.editUser({ id, changes });
}

function pairing({ facility, clock }: World, userId: UserId, expiresAt: number | null) {
  const id = randomUUID();
  const sealedSecret = facility.secretBox.seal(systemRandom.bytes(20), pairingBinding(userId, id));
  return { id, sealedSecret, issuedAt: clock.now(), expiresAt, pairedAt: null, lastStep: null };
}

function storedCode({ facility }: World, userId: UserId, table: 'recovery' | 'one-time') {
  const id = randomUUID();
  const sealedHash = facility.secretBox.seal(systemRandom.bytes(32), bindingOf({ table, userId, rowId: id }));
  return { id, sealedHash, expiresAt: null };
}
