/** Require, issue, deactivate: the admin's side of the two-factor life (SPEC §3). */
import { assertNever } from '../assert-never.ts';
import { userCounter } from '../lockout.ts';
import type { DirectoryStore, RequireOutcome, Selection } from '../ports.ts';
import { type Pairing, stateAt, TWO_FACTOR_STATES } from '../two-factor.ts';
import type { EpochMs, UserId } from '../user.ts';
import { clearFailuresOf } from './failure-counter.ts';
import { oneOf } from './row-cells.ts';
import type { SqlEngine, SqlRow, SqlWriter } from './sql-engine.ts';
import { lockUser } from './user-look-up.ts';
import { PAIRING_COLUMNS, pairingValues, userIdOf } from './user-row.ts';

type TwoFactorPart = Pick<DirectoryStore, 'requireTwoFactor' | 'issueByAdmin' | 'deactivate'>;

export function twoFactorPart(engine: SqlEngine): TwoFactorPart {
  return {
    requireTwoFactor: ({ selection, from }) => engine.write((tx) => requireFor(tx, selection, from)),

    issueByAdmin: ({ userId, pairing }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined) return { kind: 'gone' };
        const state = stateAt(user.twoFactor, tx.now);
        if (state === 'off') return { kind: 'off' };
        const present = user.twoFactor.pairing;
        if (state !== 'required' && present !== null) {
          const kept: Pairing = { ...present, expiresAt: null };
          if (present.expiresAt !== null) await tx.run('UPDATE users SET expires_at = NULL WHERE id = ?', [userId]);
          return { kind: 'kept', pairing: kept };
        }
        const issued: Pairing = { ...pairing, expiresAt: null, pairedAt: null, lastStep: null };
        await tx.run(`UPDATE users SET two_factor = 'issued', ${PAIRING_COLUMNS} WHERE id = ?`, [
          ...pairingValues(issued),
          userId,
        ]);
        return { kind: 'issued', pairing: issued };
      }),

    deactivate: (id) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, id);
        if (user === undefined) return 'gone';
        if (user.twoFactor.state === 'off') return 'already-off';
        await tx.run(
          `UPDATE users SET two_factor = 'off', required_at = NULL, required_from = NULL, pairing_id = NULL, sealed_secret = NULL,
             issued_at = NULL, expires_at = NULL, paired_at = NULL, last_step = NULL, version = version + 1 WHERE id = ?`,
          [id],
        );
        await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [id]);
        await tx.run('DELETE FROM one_time_codes WHERE user_id = ?', [id]);
        await clearFailuresOf(tx, { counter: userCounter(id), factor: 'code' });
        return 'deactivated';
      }),
  };
}

async function requireFor(tx: SqlWriter, selection: Selection, from: EpochMs | null): Promise<RequireOutcome> {
  const rows = await selected(tx, selection);
  const off = rows.filter((row) => oneOf(row, 'two_factor', TWO_FACTOR_STATES) === 'off');
  const activated = off.map((row) => userIdOf(row, 'id'));
  for (const ids of portions(activated)) {
    await tx.run(
      `UPDATE users SET two_factor = 'required', required_at = ?, required_from = ?, version = version + 1
       WHERE two_factor = 'off' AND id IN (${places(ids)})`,
      [tx.now, from, ...ids],
    );
  }
  return { activated, alreadyActive: rows.length - activated.length };
}

async function selected(tx: SqlWriter, selection: Selection): Promise<readonly SqlRow[]> {
  const all = 'SELECT id, two_factor FROM users';
  // In the order of ids, so that two of these at once lock in the same order.
  const end = ` ORDER BY id${tx.dialect.lockRows}`;
  switch (selection.kind) {
    case 'all':
      return tx.all(all + end);
    case 'group':
      return tx.all(`${all} WHERE group_name = ?${end}`, [selection.group]);
    case 'users': {
      const rows: SqlRow[] = [];
      for (const ids of portions([...new Set(selection.ids)].sort())) {
        rows.push(...(await tx.all(`${all} WHERE id IN (${places(ids)})${end}`, ids)));
      }
      return rows;
    }
    default:
      return assertNever(selection);
  }
}

/** Every database has a limit of parameters. */
function portions(ids: readonly UserId[]): readonly (readonly UserId[])[] {
  return Array.from({ length: Math.ceil(ids.length / 500) }, (_, index) => ids.slice(index * 500, index * 500 + 500));
}

function places(ids: readonly UserId[]): string {
  return ids.map(() => '?').join(', ');
}
