/** Recovery and one-time codes at rest: made, replaced, listed. They are used up in `settle-code.ts`. */
import type { DirectoryWrites, StoredCode } from '../ports.ts';
import type { UserId } from '../user.ts';
import { whom } from './login-claim.ts';
import type { RecordingEngine } from './recording-engine.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';
import { lockUser } from './user-look-up.ts';
import { storedCodeOf } from './user-row.ts';

type CodeWrites = Pick<DirectoryWrites, 'putOneTimeCode' | 'replaceRecoveryCodes'>;

export function codeWrites(engine: RecordingEngine): CodeWrites {
  return {
    putOneTimeCode: ({ userId, code }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined) return 'gone';
        if (user.twoFactor.state === 'off') return 'off';
        await tx.run('DELETE FROM one_time_codes WHERE user_id = ?', [userId]);
        await tx.run('INSERT INTO one_time_codes (user_id, code_id, sealed_hash, expires_at) VALUES (?, ?, ?, ?)', [
          userId,
          code.id,
          code.sealedHash,
          code.expiresAt,
        ]);
        tx.record({ event: 'one-time.made', ...whom(user) });
        return 'put';
      }),

    replaceRecoveryCodes: ({ userId, codes }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined || user.twoFactor.state !== 'paired') return 'not-paired';
        await replaceCodes(tx, userId, codes);
        tx.record({ event: 'recovery.made', ...whom(user), count: codes.length });
        return 'replaced';
      }),
  };
}

export async function replaceCodes(tx: SqlWriter, userId: UserId, codes: readonly StoredCode[]): Promise<void> {
  await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [userId]);
  await tx.runMany(
    'INSERT INTO recovery_codes (user_id, code_id, sealed_hash, expires_at) VALUES (?, ?, ?, ?)',
    codes.map((code) => [userId, code.id, code.sealedHash, code.expiresAt]),
  );
}

export async function storedCodes(
  tx: SqlReader,
  table: 'recovery_codes' | 'one_time_codes',
  userId: UserId,
): Promise<readonly StoredCode[]> {
  const rows = await tx.all(`SELECT code_id, sealed_hash, expires_at FROM ${table} WHERE user_id = ?`, [userId]);
  return rows.map(storedCodeOf);
}
