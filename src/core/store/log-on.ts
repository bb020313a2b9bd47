/** What a log-on asks of the store, but for passwords and codes, which have files of their own. */

import { userCounter } from '../lockout.ts';
import type { LogOnStore } from '../ports.ts';
import { mayDefer, stateAt } from '../two-factor.ts';
import { clearFailuresOf } from './failure-counter.ts';
import { storedCodes } from './second-codes.ts';
import type { SqlEngine } from './sql-engine.ts';
import { lockUser, userByKey } from './user-look-up.ts';
import { PAIRING_COLUMNS, pairingValues } from './user-row.ts';

type LogOnPart = Pick<
  LogOnStore,
  'now' | 'findUser' | 'anyTwoFactor' | 'issuePairing' | 'recoveryCodes' | 'oneTimeCode' | 'recordPasswordOnlyLogOn'
>;

export function logOnPart(engine: SqlEngine): LogOnPart {
  return {
    now: () => engine.now(),
    findUser: (key) => engine.read(async (tx) => ({ user: await userByKey(tx, key), now: await tx.now() })),
    anyTwoFactor: () =>
      engine.read(async (tx) => {
        const rows = await tx.all("SELECT id FROM users WHERE two_factor <> 'off' LIMIT 1");
        return rows.length > 0;
      }),

    issuePairing: ({ userId, seen, pairing }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined || user.disabled) return 'changed';
        const { state, pairing: present } = user.twoFactor;
        if ((present?.id ?? null) !== seen) return 'changed';
        // An admin's QR code (no expiry) and a pairing are never replaced by a log-on.
        const unconfirmed = state === 'issued' && present !== null && present.expiresAt !== null;
        if (state !== 'required' && !unconfirmed) return 'changed';
        tx.later(`UPDATE users SET two_factor = 'issued', ${PAIRING_COLUMNS} WHERE id = ?`, [
          [...pairingValues(pairing), userId],
        ]);
        return 'issued';
      }),

    recoveryCodes: (userId) => engine.read((tx) => storedCodes(tx, 'recovery_codes', userId)),
    oneTimeCode: (userId) =>
      engine.read(async (tx) => {
        const [code] = await storedCodes(tx, 'one_time_codes', userId);
        const alive = code !== undefined && (code.expiresAt === null || code.expiresAt > (await tx.now()));
        return alive ? code : undefined;
      }),

    recordPasswordOnlyLogOn: ({ userId, twoFactorRequired }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined || user.disabled) return 'refused';
        const now = await tx.now();
        const state = stateAt(user.twoFactor, now);
        const deferred = state !== 'paired' && mayDefer(user.twoFactor, now);
        if (twoFactorRequired === 'by-user' && state !== 'off' && !deferred) return 'refused';
        tx.later('UPDATE users SET last_login_at = ? WHERE id = ?', [[now, userId]]);
        // The code counter stays: whoever may say "later" must not refill the budget for codes by it.
        clearFailuresOf(tx, { counter: userCounter(userId), factor: 'password' });
        return 'recorded';
      }),
  };
}
