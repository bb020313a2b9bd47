/**
 * What has to be done to the database of a backup before it is used again. Invariant: what was used up or taken away since the
 * backup does not come back with it: time steps, one-time and recovery codes, deactivated secrets, disabled and removed accounts.
 */
import type { NameKey } from '../user.ts';
import type { SqlEngine, SqlWriter } from './sql-engine.ts';

export type SinceBackup = {
  /** The last time step that may have been accepted by now: no code up to it is accepted again (RFC 6238 §5.2). */
  readonly lastStep: number;
  /** Their secret was destroyed: they have to pair anew. */
  readonly deactivated: readonly NameKey[];
  /** They used or renewed their recovery codes: those of the backup are void. */
  readonly recovery: readonly NameKey[];
  /** They were disabled or removed. */
  readonly ended: readonly NameKey[];
};

/** How many accounts each of it met in the backup. */
export type Settled = { readonly deactivated: number; readonly recovery: number; readonly ended: number };

export function settleRestored(engine: SqlEngine, since: SinceBackup): Promise<Settled> {
  return engine.write(async (tx) => {
    await tx.run(
      'UPDATE users SET last_step = ? WHERE pairing_id IS NOT NULL AND (last_step IS NULL OR last_step < ?)',
      [since.lastStep, since.lastStep],
    );
    await tx.run('DELETE FROM one_time_codes');
    return {
      deactivated: await forEachUser(tx, since.deactivated, requireAnew),
      recovery: await forEachUser(tx, since.recovery, dropRecoveryCodes),
      ended: await forEachUser(tx, since.ended, disable),
    };
  });
}

async function forEachUser(
  tx: SqlWriter,
  keys: readonly NameKey[],
  change: (tx: SqlWriter, id: string) => Promise<number>,
): Promise<number> {
  let changed = 0;
  for (const key of keys) {
    const [row] = await tx.all('SELECT id FROM users WHERE name_key = ?', [key]);
    if (typeof row?.id === 'string') changed += await change(tx, row.id);
  }
  return changed;
}

async function requireAnew(tx: SqlWriter, id: string): Promise<number> {
  await dropRecoveryCodes(tx, id);
  return tx.run(
    `UPDATE users SET two_factor = 'required', pairing_id = NULL, sealed_secret = NULL, issued_at = NULL, expires_at = NULL,
       paired_at = NULL, last_step = NULL, edit_version = edit_version + 1 WHERE id = ? AND two_factor <> 'off'`,
    [id],
  );
}

async function dropRecoveryCodes(tx: SqlWriter, id: string): Promise<number> {
  return (await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [id])) > 0 ? 1 : 0;
}

/** Not where it would leave nobody who can let others in: then the report alone has to do. */
async function disable(tx: SqlWriter, id: string): Promise<number> {
  const others = await tx.all(`SELECT id FROM users WHERE role = 'admin' AND disabled = 0 AND id <> ?`, [id]);
  if (others.length === 0) return 0;
  return tx.run('UPDATE users SET disabled = 1, edit_version = edit_version + 1 WHERE id = ? AND disabled = 0', [id]);
}
