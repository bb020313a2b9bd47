import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/core/audit-event.ts';
import { LOCKED_FOR_GOOD } from '../../src/core/lockout.ts';
import type { FacilityRows } from '../../src/core/store/facility-rows.ts';
import { type SinceEffects, sinceEffects } from '../../src/core/store/since-effects.ts';
import type { SqlRow } from '../../src/core/store/sql-engine.ts';
import { type RestoreSources, stricterFacility } from '../../src/core/store/stricter.ts';
import { voidPasswordHash } from '../../src/core/void-password.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const VOID = voidPasswordHash({ memoryMiB: 19, passes: 2 });
const RULES = {
  lockout: { passwordFailures: 5, codeFailures: 5, firstDelaySeconds: 30, longestDelaySeconds: 900, hardLimit: 100 },
  now: NOW,
  lastStep: 1000,
  voidPasswords: false,
  voidHash: VOID,
};

function user(more: SqlRow = {}): SqlRow {
  return {
    ...{ id: 'a', name: 'alice', name_key: 'alice', display: 'Alice', group_name: '', role: 'user', disabled: 0 },
    ...{ password_hash: 'old', must_change_password: 0, password_expires_at: null, two_factor: 'off' },
    ...{ required_at: null, required_from: null, pairing_id: null, sealed_secret: null, issued_at: null },
    ...{ expires_at: null, paired_at: null, last_step: null, last_login_at: null, created_at: 1 },
    ...{ edit_version: 1, password_version: 1, ...more },
  };
}

const PAIRED = {
  two_factor: 'paired',
  pairing_id: 'p',
  sealed_secret: 's',
  issued_at: 1,
  paired_at: 2,
  last_step: 900,
};
const ISSUED = { two_factor: 'issued', pairing_id: 'p', sealed_secret: 's', issued_at: 1 };

function rows(one: SqlRow | undefined, more: Partial<FacilityRows> = {}): FacilityRows {
  return { users: one === undefined ? [] : [one], failures: [], recoveryCodes: [], oneTimeCodes: [], ...more };
}

type SinceEvent = AuditEvent & { readonly at?: string };

function since(...events: readonly SinceEvent[]): SinceEffects {
  const records = events.map((event) => ({ at: '2026-03-02T07:00:00.000Z', userId: 'a', ...event }));
  return sinceEffects(records, ({ id, key }) => id ?? (key === 'alice' ? 'a' : undefined));
}

function merged(sources: Partial<RestoreSources> & Pick<RestoreSources, 'backup'>, rules: Partial<typeof RULES> = {}) {
  const all = { backupCountsPasswords: true, replaced: undefined, since: undefined, ...sources };
  const { users, affected, failures, recoveryCodes } = stricterFacility(all, { ...RULES, ...rules });
  return { user: users[0], changes: affected[0]?.changes ?? [], failures, recoveryCodes };
}

/** The backup against the database that it replaces, which is current. */
function over(backup: SqlRow, replaced: SqlRow | undefined, more: Partial<RestoreSources> = {}) {
  return merged({ backup: rows(backup), replaced: { ...rows(replaced), isCurrent: true }, ...more });
}

/** The backup by the trail alone. */
function by(backup: SqlRow, effects: SinceEffects) {
  return merged({ backup: rows(backup), since: effects });
}

describe('a user who is restored', () => {
  it('stays as in the backup where nothing differs', () => {
    expect(over(user(PAIRED), user(PAIRED))).toMatchObject({ changes: [], user: { ...user(PAIRED), last_step: 1000 } });
    expect(over(user(), user())).toMatchObject({ changes: [], user: user() });
  });

  it.each([
    ['admin', 'user', 'user'],
    ['user', 'admin', 'user'],
    ['helpdesk', 'auditor', 'auditor'],
    ['auditor', 'helpdesk', 'auditor'],
    ['admin', 'helpdesk', 'helpdesk'],
  ])('has the lower role of %s and %s', (one, other, lower) => {
    expect(over(user({ role: one }), user({ role: other })).user).toMatchObject({ role: lower });
    expect(
      by(user({ role: one }), since({ event: 'user.edited', detail: `display,role=${other}` })).user,
    ).toMatchObject({
      role: lower,
    });
  });

  it('has no role where a record of one cannot be read', () => {
    const effects = since({ event: 'user.edited', detail: 'role=owner' });
    expect(by(user({ role: 'admin' }), effects)).toMatchObject({ user: { role: 'user' }, changes: ['role-lowered'] });
  });

  it('has to change the password where the trail says so, also by a record of an earlier version', () => {
    const must = { user: { must_change_password: 1 }, changes: ['password-stricter'] };
    for (const detail of ['mustChangePassword=yes', 'mustChangePassword', 'display,mustChangePassword,group']) {
      expect(by(user(), since({ event: 'user.edited', detail }))).toMatchObject(must);
      // Taken back later: nothing is lowered.
      const taken = { event: 'user.edited', detail: 'mustChangePassword=no' } as const;
      expect(by(user(), since({ event: 'user.edited', detail }, taken))).toMatchObject(must);
    }
    const no = since({ event: 'user.edited', detail: 'mustChangePassword=no' });
    expect(by(user(), no)).toMatchObject({ user: { must_change_password: 0 }, changes: [] });
    expect(by(user({ must_change_password: 1 }), no).user).toMatchObject({ must_change_password: 1 });
  });

  it('has the sooner expiry of the password where the trail gave one', () => {
    const given = (value: string) => since({ event: 'user.edited', detail: `passwordExpiresAt=${value}` });
    const soon = NOW + 1000;
    const stricter = { user: { password_expires_at: soon }, changes: ['password-stricter'] };
    expect(by(user(), given(new Date(soon).toISOString()))).toMatchObject(stricter);
    expect(by(user({ password_expires_at: soon + 1 }), given(new Date(soon).toISOString()))).toMatchObject(stricter);
    for (const later of ['never', new Date(soon + 1).toISOString()])
      expect(by(user({ password_expires_at: soon }), given(later)).user).toMatchObject({ password_expires_at: soon });
    // What cannot be read was over at once.
    expect(by(user(), given('soon')).user).toMatchObject({ password_expires_at: Date.parse('2026-03-02T07:00:00Z') });
  });

  it('is disabled where either is, or where the trail ends with that', () => {
    expect(over(user(), user({ disabled: 1 }))).toMatchObject({ user: { disabled: 1 }, changes: ['disabled'] });
    expect(over(user({ disabled: 1 }), user())).toMatchObject({ user: { disabled: 1 }, changes: [] });
    expect(by(user(), since({ event: 'user.disabled' })).user).toMatchObject({ disabled: 1 });
    expect(by(user(), since({ event: 'user.disabled' }, { event: 'user.enabled' })).user).toMatchObject({
      disabled: 0,
    });
  });

  it('comes back disabled, without role, pairing and password, where the database no longer has them', () => {
    const gone = {
      ...{ disabled: 1, role: 'user', two_factor: 'required', pairing_id: null, sealed_secret: null },
      password_hash: VOID,
    };
    expect(over(user({ role: 'admin', ...PAIRED }), undefined)).toMatchObject({
      ...{ user: gone, changes: ['removed', 'disabled', 'role-lowered', 'password-void', 'pairing-void'] },
    });
    expect(by(user(PAIRED), since({ event: 'user.removed' })).user).toMatchObject(gone);
    // Somebody else has the name now.
    expect(over(user(), user({ id: 'b' })).user).toMatchObject(gone);
  });

  describe('has a password that', () => {
    it('is void where its version differs, and never comes back by a later restore', () => {
      const { user: restored, changes } = over(user(), user({ password_hash: 'new', password_version: 2 }));
      expect(restored).toMatchObject({ password_hash: VOID, password_version: 3 });
      expect(changes).toEqual(['password-void']);
      expect(over(user(), restored ?? {}).user).toMatchObject({ password_hash: VOID });
      expect(over(user({ password_hash: 'new', password_version: 2 }), restored).user).toMatchObject({
        password_hash: VOID,
      });
    });

    it('is void by the trail, however often it changed', () => {
      const effects = since({ event: 'password.changed' }, { event: 'user.password-set' });
      expect(by(user(), effects).user).toMatchObject({ password_hash: VOID, password_version: 4 });
    });

    it('stays where only its hash is a better one, but for a backup that counted no passwords', () => {
      const better = user({ password_hash: 'better' });
      expect(over(user(), better)).toMatchObject({ user: { password_hash: 'better' }, changes: [] });
      expect(over(user(), better, { backupCountsPasswords: false })).toMatchObject({ user: { password_hash: VOID } });
      expect(over(user(), user(), { backupCountsPasswords: false })).toMatchObject({ changes: [] });
    });

    it('is never empty where either had one, and none where neither had', () => {
      expect(over(user({ password_hash: null }), user({ password_version: 2 })).user).toMatchObject({
        password_hash: VOID,
      });
      expect(over(user(), user({ password_hash: null, password_version: 2 })).user).toMatchObject({
        password_hash: VOID,
      });
      expect(over(user({ password_hash: null }), user({ password_hash: null })).user).toMatchObject({
        password_hash: null,
      });
    });

    it('has to be changed, and expires, where either says so', () => {
      const stricter = user({ must_change_password: 1, password_expires_at: 7 });
      expect(over(user({ password_expires_at: 9 }), stricter)).toMatchObject({
        ...{ user: { must_change_password: 1, password_expires_at: 7 }, changes: ['password-stricter'] },
      });
      expect(over(stricter, user())).toMatchObject({ user: { password_expires_at: 7 }, changes: [] });
    });

    it('is void for all where that is asked', () => {
      const all = { backup: rows(user()), replaced: { ...rows(user()), isCurrent: true } };
      expect(merged(all, { voidPasswords: true })).toMatchObject({ user: { password_hash: VOID } });
    });
  });

  describe('has two-factor that', () => {
    it('is required where the database or the trail requires it', () => {
      expect(over(user(), user({ two_factor: 'required', required_at: 5, required_from: 9 }))).toMatchObject({
        ...{ user: { two_factor: 'required', required_at: 5, required_from: 9 }, changes: ['two-factor-required'] },
      });
      expect(by(user(), since({ event: 'two-factor.required', detail: 'users' })).user).toMatchObject({
        ...{ two_factor: 'required', required_from: null },
      });
      const many = since({ event: 'two-factor.required', userIds: ['b', 'a'] });
      expect(by(user(), many).user).toMatchObject({ two_factor: 'required' });
      expect(by(user(), since({ event: 'two-factor.required', userIds: ['b'] })).user).toMatchObject({
        two_factor: 'off',
      });
    });

    it('is required of everybody where the trail says of how many, and not of whom', () => {
      const effects = sinceEffects([{ event: 'two-factor.required', at: '', count: 2 }], () => undefined);
      expect(by(user(), effects).user).toMatchObject({ two_factor: 'required' });
      // The database knows of whom.
      expect(over(user(), user(), { since: effects }).user).toMatchObject({ two_factor: 'off' });
    });

    it('is required sooner where either says sooner, and at once where either says at once', () => {
      const from = (required_from: number | null) => user({ two_factor: 'required', required_at: 1, required_from });
      expect(over(from(9), from(7))).toMatchObject({ user: { required_from: 7 }, changes: ['requirement-sooner'] });
      expect(over(from(9), from(null)).user).toMatchObject({ required_from: null });
      expect(over(from(null), from(9)).user).toMatchObject({ required_from: null });
    });

    it('keeps a pairing only where both have the same', () => {
      expect(over(user(PAIRED), user(PAIRED)).user).toMatchObject({ two_factor: 'paired', pairing_id: 'p' });
      expect(over(user(ISSUED), user(PAIRED))).toMatchObject({
        ...{ user: { two_factor: 'paired', paired_at: 2 }, changes: ['paired'] },
      });
      const lost = { two_factor: 'required', pairing_id: null, sealed_secret: null, last_step: null };
      expect(over(user(PAIRED), user())).toMatchObject({
        ...{ user: { ...lost, password_hash: 'old' }, changes: ['pairing-void'] },
      });
      // With the new pairing a code was asked of whoever has the password.
      for (const now of [
        { ...PAIRED, pairing_id: 'q' },
        { ...ISSUED, pairing_id: 'q' },
      ]) {
        for (const then of [user(PAIRED), user()]) {
          expect(over(then, user(now)).user).toMatchObject({ ...lost, password_hash: VOID });
        }
      }
      // This one would have been replaced at the next login.
      const offered = user({ ...ISSUED, pairing_id: 'q', expires_at: 99 });
      expect(over(user(), offered).user).toMatchObject({ ...lost, password_hash: 'old' });
    });

    it('keeps, drops or confirms a pairing by the trail', () => {
      expect(by(user(PAIRED), since()).user).toMatchObject({ pairing_id: 'p' });
      const gone = since({ event: 'two-factor.deactivated' });
      expect(by(user(PAIRED), gone).user).toMatchObject({
        two_factor: 'required',
        pairing_id: null,
        password_hash: 'old',
      });
      expect(by(user(ISSUED), since({ event: 'pairing.confirmed' })).user).toMatchObject({
        ...{ two_factor: 'paired', paired_at: NOW - 3_600_000 },
      });
      const anew = since(
        { event: 'two-factor.deactivated' },
        { event: 'pairing.issued' },
        { event: 'pairing.confirmed' },
      );
      expect(by(user(PAIRED), anew).user).toMatchObject({ pairing_id: null, password_hash: VOID });
      const offered = since({ event: 'pairing.issued', detail: 'log-on' });
      expect(by(user(), offered).user).toMatchObject({ two_factor: 'required', password_hash: 'old' });
      const shown = since({ event: 'pairing.shown' });
      expect(by(user({ ...ISSUED, expires_at: 99 }), shown).user).toMatchObject({
        two_factor: 'issued',
        expires_at: null,
      });
    });

    it('accepts no time step again: of the backup, the database, the trail, or up to now', () => {
      const at = (last_step: number) => user({ ...PAIRED, last_step });
      expect(over(at(1200), at(1100)).user).toMatchObject({ last_step: 1200 });
      expect(over(at(1100), at(1200)).user).toMatchObject({ last_step: 1200 });
      expect(over(at(1), at(2)).user).toMatchObject({ last_step: 1000 });
      const accepted = since({ event: 'login.granted', detail: 'password+totp', stepsOff: 1 });
      expect(by(at(1), accepted).user).toMatchObject({ last_step: Math.floor((NOW - 3_600_000) / 30_000) + 1 });
    });
  });

  describe('has failures that', () => {
    const count = (failures: number, locked_until: number | null, more: SqlRow = {}): SqlRow => ({
      ...{ counter: 'user:a', factor: 'password', failures, locked_until, known: 1, last_failed_at: failures },
      ...{ locked_answers: 0, ...more },
    });
    const failed = (backup: SqlRow[], replaced: SqlRow[]) =>
      merged({
        backup: rows(user(), { failures: backup }),
        replaced: { ...rows(user(), { failures: replaced }), isCurrent: true },
      });

    it('are the higher count and the later lock, of both counters and of names that nobody has', () => {
      expect(failed([count(3, 50)], [count(7, null)]).failures).toMatchObject([{ failures: 7, locked_until: 50 }]);
      expect(failed([count(7, null)], [])).toMatchObject({ failures: [{ failures: 7 }], changes: [] });
      expect(failed([], [count(5, 80)])).toMatchObject({
        failures: [{ locked_until: 80 }],
        changes: ['locked-or-failures'],
      });
      const unknown = count(4, 60, { counter: 'name:x', known: 0 });
      expect(failed([], [unknown]).failures).toEqual([unknown]);
      expect(failed([], [count(1, null), count(2, null, { factor: 'code' })]).failures).toHaveLength(2);
      // Of somebody who was added since, and is gone.
      expect(failed([], [count(9, 90, { counter: 'user:z' })]).failures).toEqual([]);
    });

    it('are counted on by the trail where the database is not known', () => {
      const wrong = { event: 'password.wrong' } as const;
      const backup = rows(user(), { failures: [count(3, null)] });
      expect(merged({ backup, since: since(wrong, wrong) }).failures).toMatchObject([
        { failures: 5, locked_until: NOW - 3_600_000 + 30_000 },
      ]);
      const cleared = since(wrong, { event: 'user.unlocked' }, wrong);
      expect(merged({ backup, since: cleared }).failures).toMatchObject([{ failures: 3 }]);
      const hundred = since(...Array.from({ length: 97 }, () => wrong));
      expect(merged({ backup, since: hundred }).failures).toMatchObject([{ locked_until: LOCKED_FOR_GOOD }]);
    });
  });

  it('keeps recovery codes that both have, and no one-time code', () => {
    const code = (code_id: string): SqlRow => ({ user_id: 'a', code_id, sealed_hash: 'h', expires_at: null });
    const backup = rows(user(PAIRED), { recoveryCodes: [code('1'), code('2')], oneTimeCodes: [code('o')] });
    const replaced = { ...rows(user(PAIRED), { recoveryCodes: [code('2'), code('3')] }), isCurrent: true };
    expect(merged({ backup, replaced })).toMatchObject({
      ...{ recoveryCodes: [code('2')], changes: ['recovery-codes-void', 'one-time-code-void'] },
    });
    expect(merged({ backup, since: since({ event: 'recovery.used' }) }).recoveryCodes).toEqual([]);
    expect(merged({ backup, since: since() }).recoveryCodes).toEqual([code('1'), code('2')]);
    const other = { ...rows(user({ ...PAIRED, pairing_id: 'q' }), { recoveryCodes: [code('1')] }), isCurrent: true };
    expect(merged({ backup, replaced: other }).recoveryCodes).toEqual([]);
  });

  it('is held to an old database and to the trail together', () => {
    const old = { ...rows(user({ disabled: 1, role: 'auditor' })), isCurrent: false };
    const effects = since({ event: 'password.changed' }, { event: 'two-factor.required', user: 'alice' });
    expect(merged({ backup: rows(user({ role: 'admin' })), replaced: old, since: effects }).changes).toEqual([
      ...['disabled', 'role-lowered', 'password-void', 'two-factor-required'],
    ]);
  });
});

describe('what the trail says of a user', () => {
  const of = (...events: readonly SinceEvent[]) => since(...events).users.get('a');
  const admin = { actor: 'root' };

  it('is which secret the user has by now, and who has it', () => {
    const issued = { event: 'pairing.issued', ...admin } as const;
    const atLogin = { event: 'pairing.issued', detail: 'log-on' } as const;
    const confirmed = { event: 'pairing.confirmed' } as const;
    const pairings = (events: readonly SinceEvent[]) => {
      const { pairing, required, shown, pairedAt } = of(...events) ?? {};
      return { pairing, required, shown, isPaired: pairedAt !== undefined };
    };
    const nothing = { pairing: 'as-was', required: false, shown: false, isPaired: false };
    expect(pairings([{ event: 'user.unlocked' }])).toEqual(nothing);
    expect(pairings([issued])).toEqual({ ...nothing, pairing: 'replaced', required: true });
    expect(pairings([{ ...issued, detail: 'other' }])).toMatchObject({ pairing: 'replaced' });
    expect(pairings([{ event: 'pairing.imported' }])).toMatchObject({ pairing: 'replaced', required: true });
    expect(pairings([atLogin])).toMatchObject({ pairing: 'offered', required: true });
    expect(pairings([{ ...atLogin, detail: 'login' }])).toMatchObject({ pairing: 'offered' });
    expect(pairings([{ event: 'pairing.shown' }])).toEqual({ ...nothing, shown: true });
    expect(pairings([confirmed])).toEqual({ ...nothing, pairing: 'confirmed', isPaired: true });
    for (const before of [issued, atLogin, { event: 'two-factor.deactivated' } as const]) {
      expect(pairings([before, confirmed])).toMatchObject({ pairing: 'replaced', isPaired: true });
    }
    expect(pairings([atLogin, { event: 'two-factor.deactivated' }])).toMatchObject({ pairing: 'gone' });
  });

  it('is which failures count on: a login by password alone clears none of the codes', () => {
    const wrong = [{ event: 'password.wrong' }, { event: 'code.wrong' }, { event: 'code.reused' }] as const;
    const counts = (...events: readonly SinceEvent[]) => {
      const { password, code } = of(...events)?.failures ?? {};
      return [password?.at.length, password?.cleared, code?.at.length, code?.cleared];
    };
    expect(counts(...wrong)).toEqual([1, false, 2, false]);
    expect(counts(...wrong, { event: 'login.granted', detail: 'password' })).toEqual([0, true, 2, false]);
    expect(counts(...wrong, { event: 'login.granted', detail: 'password+totp' })).toEqual([0, true, 0, true]);
    expect(counts(...wrong, { event: 'user.unlocked' }, { event: 'code.wrong' })).toEqual([0, true, 1, true]);
  });

  it('is of nobody where it names somebody else, and of everybody only where it names nobody at all', () => {
    const required = (more: Omit<AuditEvent, 'event'>) => {
      const records = [{ at: '2026-03-02T07:00:00.000Z', event: 'two-factor.required', ...more } as const];
      const { users, someRequired } = sinceEffects(records, ({ id, key }) => id ?? (key === 'alice' ? 'a' : undefined));
      return { users: [...users.keys()], someRequired };
    };
    expect(required({ userIds: ['b', 'c'] })).toEqual({ users: ['b', 'c'], someRequired: false });
    expect(required({ userId: 'b' })).toEqual({ users: ['b'], someRequired: false });
    expect(required({ user: 'Alice' })).toEqual({ users: ['a'], someRequired: false });
    expect(required({ user: 'nobody' })).toEqual({ users: [], someRequired: false });
    expect(required({ count: 4 })).toEqual({ users: [], someRequired: true });
  });
});

describe('a restored facility', () => {
  it('names those whom it affects in the order of their names', () => {
    const named = (name: string, role: string) => user({ id: name, name, name_key: name, role });
    const facility = (role: string) => ['carol', 'alice', 'bob', 'dora', 'Erna'].map((name) => named(name, role));
    const { affected } = stricterFacility(
      {
        ...{ backup: { ...rows(undefined), users: facility('admin') }, backupCountsPasswords: true, since: undefined },
        replaced: { ...rows(undefined), users: facility('user'), isCurrent: true },
      },
      RULES,
    );
    expect(affected.map(({ name }) => name)).toEqual(['Erna', 'alice', 'bob', 'carol', 'dora']);
  });

  it('has a version of each user that nobody has seen, where anything of the user changed', () => {
    const versions = (backup: SqlRow, replaced: SqlRow) => over(user(backup), user(replaced)).user?.edit_version;
    expect(versions({ edit_version: 4 }, { edit_version: 7 })).toBe(7);
    expect(versions({ edit_version: 4, role: 'admin' }, { edit_version: 7 })).toBe(8);
    expect(versions({ edit_version: 9, role: 'admin' }, { edit_version: 7 })).toBe(10);
  });
});
