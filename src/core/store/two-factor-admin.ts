/** Require, issue, deactivate: the admin's side of the two-factor life (SPEC §3). */
import { assertNever } from '../assert-never.ts';
import { Fault } from '../errors.ts';
import { userCounter } from '../lockout.ts';
import type { DirectoryWrites, IssuedMany, RequireOutcome, Selection } from '../ports.ts';
import { type Pairing, stateAt, TWO_FACTOR_STATES, type TwoFactorState } from '../two-factor.ts';
import type { UserId } from '../user.ts';
import { recordMany } from './directory.ts';
import { clearFailures, lockedAnswersOf, readFailures } from './failure-counter.ts';
import { whom } from './login-claim.ts';
import type { RecordingEngine, RecordingWriter } from './recording-engine.ts';
import { integer, oneOf } from './row-cells.ts';
import type { SqlWriter } from './sql-engine.ts';
import { lockUser } from './user-look-up.ts';
import { PAIRING_COLUMNS, pairingValues, USER_COLUMNS, userIdOf, userOf } from './user-row.ts';

type TwoFactorWrites = Pick<DirectoryWrites, 'requireTwoFactor' | 'issueByAdmin' | 'issueMany' | 'deactivate'>;

export function twoFactorWrites(engine: RecordingEngine): TwoFactorWrites {
  return {
    requireTwoFactor: (change) => engine.write((tx) => requireFor(tx, change)),

    issueByAdmin: ({ userId, pairing }) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, userId);
        if (user === undefined) return { kind: 'gone' };
        const state = stateAt(user.twoFactor, await tx.now());
        if (state === 'off') return { kind: 'off' };
        const present = user.twoFactor.pairing;
        if (state !== 'required' && present !== null) {
          const kept: Pairing = { ...present, expiresAt: null };
          if (present.expiresAt !== null) await tx.run('UPDATE users SET expires_at = NULL WHERE id = ?', [userId]);
          tx.record({ event: 'pairing.shown', ...whom(user) });
          return { kind: 'kept', pairing: kept };
        }
        const issued = unconfirmed(pairing);
        await tx.run(`UPDATE users SET two_factor = 'issued', ${PAIRING_COLUMNS} WHERE id = ?`, [
          ...pairingValues(issued),
          userId,
        ]);
        tx.record({ event: 'pairing.issued', ...whom(user) });
        tx.record({ event: 'pairing.shown', ...whom(user) });
        return { kind: 'issued', pairing: issued };
      }),

    issueMany: (issues, origin) => engine.write((tx) => issueAll(tx, issues, origin)),

    deactivate: (id) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, id);
        if (user === undefined) return 'gone';
        if (user.twoFactor.state === 'off') return 'already-off';
        await tx.run(
          `UPDATE users SET two_factor = 'off', required_at = NULL, required_from = NULL, pairing_id = NULL, sealed_secret = NULL,
             issued_at = NULL, expires_at = NULL, paired_at = NULL, last_step = NULL, edit_version = edit_version + 1 WHERE id = ?`,
          [id],
        );
        await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [id]);
        await tx.run('DELETE FROM one_time_codes WHERE user_id = ?', [id]);
        const { code } = await readFailures(tx, userCounter(id));
        clearFailures(tx, { counter: userCounter(id), factors: 'code' });
        tx.record({ event: 'two-factor.deactivated', ...whom(user), ...lockedAnswersOf(code) });
        return 'deactivated';
      }),
  };
}

/** A secret that an admin handed out waits for its first right code as long as it takes. */
function unconfirmed(pairing: Pairing): Pairing {
  return { ...pairing, expiresAt: null, pairedAt: null, lastStep: null };
}

type Issues = Parameters<DirectoryWrites['issueMany']>[0];

async function issueAll(tx: RecordingWriter, issues: Issues, origin: string): Promise<IssuedMany> {
  const ids = issues.map(({ userId }) => userId);
  if (new Set(ids).size < ids.length) throw new Fault('internal', 'Two secrets were to be issued to one user.');
  const users = await lockedStates(tx, ids);
  const stateOf = new Map([...users].map(([id, { state }]) => [id, state]));
  const gone = ids.filter((id) => !stateOf.has(id));
  const issued = ids.filter((id) => ['issued', 'paired'].includes(stateOf.get(id) ?? 'off'));
  if (gone.length + issued.length > 0) return { kind: 'refused', gone, issued };
  const now = await tx.now();
  await tx.runMany(
    `UPDATE users SET two_factor = 'issued', required_at = COALESCE(required_at, ?), ${PAIRING_COLUMNS}, edit_version = edit_version + 1 WHERE id = ?`,
    issues.map(({ userId, pairing }) => [now, ...pairingValues(unconfirmed(pairing)), userId]),
  );
  for (const id of ids) {
    const name = users.get(id)?.name ?? '';
    tx.record({ event: 'pairing.imported', ...whom({ id, name }), detail: origin });
  }
  return { kind: 'issued' };
}

type NamedState = { readonly name: string; readonly state: TwoFactorState };

/** The states that count now, of those who are there; nobody else can change them until the transaction is over. */
async function lockedStates(tx: SqlWriter, ids: readonly UserId[]): Promise<ReadonlyMap<UserId, NamedState>> {
  const states = new Map<UserId, NamedState>();
  const now = await tx.now();
  // In the order of ids, so that two of these at once lock in the same order.
  for (const portion of portions(ids.toSorted())) {
    const rows = await tx.all(
      `SELECT ${USER_COLUMNS} FROM users WHERE id IN (${places(portion)}) ORDER BY id${tx.dialect.lockRows}`,
      portion,
    );
    for (const row of rows) {
      const user = userOf(row, null);
      states.set(user.id, { name: user.name, state: stateAt(user.twoFactor, now) });
    }
  }
  return states;
}

type Requirement = Parameters<DirectoryWrites['requireTwoFactor']>[0];

async function requireFor(
  tx: RecordingWriter,
  { selection, from, asked = selection }: Requirement,
): Promise<RequireOutcome> {
  const activated: UserId[] = [];
  let alreadyActive = 0;
  for (const part of partsOf(selection)) {
    // In the order of ids, so that two of these at once lock in the same order.
    const off = `SELECT id FROM users WHERE two_factor = 'off'${part.and} ORDER BY id${tx.dialect.lockRows}`;
    const ids = (await tx.all(off, part.params)).map((row) => userIdOf(row, 'id'));
    const touched = await tx.run(
      `UPDATE users SET two_factor = 'required', required_at = ?, required_from = ?, edit_version = edit_version + 1
       WHERE two_factor = 'off'${part.and}`,
      [await tx.now(), from, ...part.params],
    );
    // Only where transactions see what others commit meanwhile: nobody is activated who is not named.
    if (touched !== ids.length) throw new Fault('busy', 'Users were changed at the same moment. Try again.');
    activated.push(...ids);
    alreadyActive += (await countUsers(tx, part)) - ids.length;
  }
  await recordRequired(tx, activated, { selection: asked, from });
  return { activated, alreadyActive };
}

/** With the user's name where it was about one alone. */
async function recordRequired(
  tx: RecordingWriter,
  activated: readonly UserId[],
  { selection, from }: Requirement,
): Promise<void> {
  const [id] = activated;
  const which = selection.kind === 'group' ? `group=${selection.group}` : selection.kind;
  const detail = from === null ? which : `${which} from=${new Date(from).toISOString()}`;
  const only = activated.length === 1 && id !== undefined ? await lockUser(tx, id) : undefined;
  if (only === undefined) recordMany(tx, { event: 'two-factor.required', detail }, activated);
  else tx.record({ event: 'two-factor.required', ...whom(only), count: 1, detail });
}

/** All users of the part, whatever their state; a state that there is not is damage. */
async function countUsers(tx: SqlWriter, { and, params }: SelectionPart): Promise<number> {
  const sql = `SELECT two_factor, COUNT(*) AS users FROM users WHERE 1 = 1${and} GROUP BY two_factor`;
  let users = 0;
  for (const row of await tx.all(sql, params)) {
    oneOf(row, 'two_factor', TWO_FACTOR_STATES);
    users += integer(row, 'users');
  }
  return users;
}

type SelectionPart = { readonly and: string; readonly params: readonly string[] };

/** A selection by name comes in parts: every database has a limit of parameters. */
function partsOf(selection: Selection): readonly SelectionPart[] {
  switch (selection.kind) {
    case 'all':
      return [{ and: '', params: [] }];
    case 'group':
      return [{ and: ' AND group_name = ?', params: [selection.group] }];
    case 'users':
      return portions([...new Set(selection.ids)].sort()).map((ids) => ({
        and: ` AND id IN (${places(ids)})`,
        params: ids,
      }));
    default:
      return assertNever(selection);
  }
}

function portions(ids: readonly UserId[]): readonly (readonly UserId[])[] {
  return Array.from({ length: Math.ceil(ids.length / 500) }, (_, index) => ids.slice(index * 500, index * 500 + 500));
}

function places(ids: readonly UserId[]): string {
  return ids.map(() => '?').join(', ');
}
