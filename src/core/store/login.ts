/** What a login asks of the store, but for passwords and codes, which have files of their own. */

import type { LoginReads, LoginWrites } from '../ports.ts';
import { selfOf, standingOf } from './login-claim.ts';
import type { RecordingEngine } from './recording-engine.ts';
import { replaceCodes, storedCodes } from './second-codes.ts';
import { lockedAnswer } from './settle-code.ts';
import type { SqlEngine } from './sql-engine.ts';
import { userByKey } from './user-look-up.ts';
import { PAIRING_COLUMNS, pairingValues } from './user-row.ts';

export function loginReads(engine: SqlEngine): LoginReads {
  return {
    now: () => engine.now(),
    findUser: (key) =>
      engine.read(async (tx) => {
        const found = await userByKey(tx, key);
        return { user: found?.user, epoch: found?.epoch ?? '', now: await tx.now() };
      }),
    anyTwoFactor: () =>
      engine.read(async (tx) => {
        const rows = await tx.all("SELECT id FROM users WHERE two_factor <> 'off' LIMIT 1");
        return rows.length > 0;
      }),
    recoveryCodes: (userId) => engine.read((tx) => storedCodes(tx, 'recovery_codes', userId)),
    oneTimeCode: (userId) =>
      engine.read(async (tx) => {
        const [code] = await storedCodes(tx, 'one_time_codes', userId);
        const alive = code !== undefined && (code.expiresAt === null || code.expiresAt > (await tx.now()));
        return alive ? code : undefined;
      }),
  };
}

export function loginWrites(engine: RecordingEngine): Pick<LoginWrites, 'issuePairing' | 'keepRecoveryCodes'> {
  return {
    issuePairing: ({ claim, rules, seen, pairing }) =>
      engine.write(async (tx) => {
        const standing = await standingOf(tx, claim);
        if (standing.kind === 'void') return standing;
        const { user, now } = standing;
        const locked = await lockedAnswer(tx, { user, now, rules });
        if (locked !== undefined) return locked;
        const { state, pairing: present } = user.twoFactor;
        if ((present?.id ?? null) !== seen) return 'changed';
        // An admin's QR code (no expiry) and a pairing are never replaced by a login.
        const unconfirmed = state === 'issued' && present !== null && present.expiresAt !== null;
        if (state !== 'required' && !unconfirmed) return 'changed';
        tx.later(`UPDATE users SET two_factor = 'issued', ${PAIRING_COLUMNS} WHERE id = ?`, [
          [...pairingValues(pairing), user.id],
        ]);
        tx.record({ event: 'pairing.issued', ...selfOf(user), detail: 'log-on' });
        return 'issued';
      }),

    keepRecoveryCodes: ({ claim, codes }) =>
      engine.write(async (tx) => {
        const standing = await standingOf(tx, claim);
        if (standing.kind === 'void') return standing;
        const { user } = standing;
        if (user.twoFactor.state !== 'paired') return 'not-paired';
        await replaceCodes(tx, user.id, codes);
        tx.record({ event: 'recovery.made', ...selfOf(user) });
        return 'replaced';
      }),
  };
}
