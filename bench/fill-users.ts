/**
 * Users by the hundred thousand, straight into the table: rows as long as real ones, all paired and last seen yesterday, with one password hash for
 * all. A few of them, spread over the table, get a secret of their own, whose phone can be used; the others have a copy that nobody opens.
 */
import { pairingBinding } from '../src/core/binding.ts';
import type { StoreEngine } from '../src/core/config/model.ts';
import { newId } from '../src/core/directory/new-id.ts';
import { SECRET_BYTES } from '../src/core/key-uri.ts';
import type { Facility } from '../src/core/node/facility.ts';
import { openEngine } from '../src/core/node/open-engine.ts';
import { text } from '../src/core/store/row-cells.ts';
import type { SqlWriter } from '../src/core/store/sql-engine.ts';
import { PAIRING_COLUMNS, pairingValues, userIdOf } from '../src/core/store/user-row.ts';
import { timeStepAt } from '../src/core/time-step.ts';

export type Phone = { readonly name: string; readonly secret: Uint8Array };

/** How many users can log on. */
const PHONES_AT_MOST = 5000;
/** A server gives no statement all the time in the world. */
const AT_ONCE = 50_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Into an empty facility; the phones in the order of their names. */
export async function fillUsers(facility: Facility, count: number, passwordHash: string): Promise<readonly Phone[]> {
  const { config, clock } = facility;
  const engine = await openEngine(config.store, { database: 'existing', clock });
  try {
    return await engine.write(async (tx) => {
      const yesterday = (await tx.now()) - DAY_MS;
      const sealedCopy = facility.secretBox.seal(facility.random.bytes(SECRET_BYTES), 'of nobody');
      const step = timeStepAt(yesterday);
      const values = [passwordHash, yesterday, sealedCopy, yesterday, yesterday, step, yesterday, yesterday];
      for (let first = 0; first < count; first += AT_ONCE) {
        const last = Math.min(first + AT_ONCE, count) - 1;
        await tx.run(INSERT[config.store.engine], [first, last, ...values]);
      }
      return await givePhones(tx, facility, count);
    });
  } finally {
    await engine.close();
  }
}

/** 128 random bits in hexadecimal, as ids are. */
const RANDOM_ID: Readonly<Record<StoreEngine, string>> = {
  sqljs: 'LOWER(HEX(RANDOMBLOB(16)))',
  sqlite: 'LOWER(HEX(RANDOMBLOB(16)))',
  postgres: `REPLACE(CAST(GEN_RANDOM_UUID() AS TEXT), '-', '')`,
};

const INSERT: Readonly<Record<StoreEngine, string>> = {
  sqljs: insertBy(RANDOM_ID.sqljs),
  sqlite: insertBy(RANDOM_ID.sqlite),
  postgres: insertBy(RANDOM_ID.postgres),
};

function insertBy(id: string): string {
  const number = 'SUBSTR(CAST(1000000 + i AS TEXT), 2)';
  const name = `'user-' || ${number}`;
  const time = 'CAST(? AS BIGINT)';
  return `INSERT INTO users (id, name, name_key, display, group_name, role, disabled, password_hash, must_change_password,
      two_factor, required_at, pairing_id, sealed_secret, issued_at, paired_at, last_step, last_login_at, created_at, edit_version)
    WITH RECURSIVE numbers (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
    SELECT ${id}, ${name}, ${name}, 'Employee Number ' || ${number}, 'ward-' || CAST(i % 40 AS TEXT),
      CASE WHEN i = 0 THEN 'admin' ELSE 'user' END, 0, ?, 0,
      'paired', ${time}, ${id}, ?, ${time}, ${time}, ${time}, ${time}, ${time}, 1 FROM numbers`;
}

async function givePhones(tx: SqlWriter, { secretBox, random }: Facility, count: number): Promise<readonly Phone[]> {
  const phones: Phone[] = [];
  const yesterday = (await tx.now()) - DAY_MS;
  const times = { issuedAt: yesterday, expiresAt: null, pairedAt: yesterday, lastStep: timeStepAt(yesterday) };
  const every = Math.ceil(count / PHONES_AT_MOST);
  const owners = await tx.all(
    `SELECT id, name FROM users WHERE CAST(SUBSTR(name, 6) AS INTEGER) % ${every} = 0 ORDER BY name`,
  );
  const lists = owners.map((row) => {
    const id = userIdOf(row, 'id');
    const pairingId = newId(random);
    const secret = random.bytes(SECRET_BYTES);
    phones.push({ name: text(row, 'name'), secret });
    const sealedSecret = secretBox.seal(secret, pairingBinding(id, pairingId));
    return [...pairingValues({ id: pairingId, sealedSecret, ...times }), id];
  });
  await tx.runMany(`UPDATE users SET ${PAIRING_COLUMNS} WHERE id = ?`, lists);
  return phones;
}
