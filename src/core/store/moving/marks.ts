/**
 * How a database says that it is not, or no longer, the one that a facility lives in. Invariant: a database with a mark is opened by no gate, console or
 * command but `store migrate`: an unfinished copy grants nothing, and what was moved away is never gone on with beside its successor.
 */
import { Fault } from '../../errors.ts';
import type { EpochMs } from '../../user.ts';
import { integer, text } from '../row-cells.ts';
import type { SqlReader, SqlWriter } from '../sql-engine.ts';
import { TABLES } from '../tables.ts';

export type Mark =
  /** A facility, or nothing yet. */
  | { readonly kind: 'none' }
  /** A copy that is still being made of a facility in another engine. */
  | { readonly kind: 'copying'; readonly from: string; readonly since: EpochMs }
  /** The facility lives in another engine now; its rows are in tables of other names here. */
  | { readonly kind: 'moved'; readonly to: string; readonly since: EpochMs };

export async function readMark(tx: SqlReader): Promise<Mark> {
  if (await tx.hasTable('copying')) {
    const [row = {}] = await tx.all('SELECT engine, since FROM copying');
    return { kind: 'copying', from: text(row, 'engine'), since: integer(row, 'since') };
  }
  if (await tx.hasTable('moved')) {
    const [row = {}] = await tx.all('SELECT engine, since FROM moved');
    return { kind: 'moved', to: text(row, 'engine'), since: integer(row, 'since') };
  }
  return { kind: 'none' };
}

/** Throws Fault `unavailable` for a database that no facility is to be opened in. */
export async function refuseMarked(tx: SqlReader): Promise<void> {
  const mark = await readMark(tx);
  if (mark.kind === 'moved') {
    throw new Fault('unavailable', `This facility was moved to another database (Store.Engine=${mark.to}).`, {
      hint: `Where config.ini does not say so yet: gatehouse store migrate --to ${mark.to}`,
    });
  }
  if (mark.kind === 'copying') {
    throw new Fault('unavailable', 'This database is an unfinished copy of a facility.', {
      hint: `The facility itself is in the other one (Store.Engine=${mark.from}), where \`gatehouse store migrate\` goes on.`,
    });
  }
}

/** For a database that has just been given the schema. */
export async function markCopying(tx: SqlWriter, from: string): Promise<void> {
  await mark(tx, 'copying', from);
  await tx.define(`ALTER TABLE ${VERSION} RENAME TO ${COPYING}${VERSION}`);
}

/** From now on it is a facility like any other. */
export async function unmarkCopying(tx: SqlWriter): Promise<void> {
  await tx.define(`ALTER TABLE ${COPYING}${VERSION} RENAME TO ${VERSION}`);
  await tx.define('DROP TABLE copying');
}

/**
 * Takes the tables out of everybody's reach, in one transaction: processes that have the database open fail with their next statement, so that
 * nothing is changed here any more while, and after, the last rows are copied.
 */
export async function markMoved(tx: SqlWriter, to: string): Promise<void> {
  await mark(tx, 'moved', to);
  for (const name of NAMES) await tx.define(`ALTER TABLE ${name} RENAME TO ${MOVED}${name}`);
}

export async function unmarkMoved(tx: SqlWriter): Promise<void> {
  for (const name of NAMES) await tx.define(`ALTER TABLE ${MOVED}${name} RENAME TO ${name}`);
  await tx.define('DROP TABLE moved');
}

/**
 * For a new copy in the place of a facility that was moved away. Audit records in a table are nowhere else, and stay; those that were queued for
 * files are in the files. Changes of config.ini that were announced there are nobody's any more.
 */
export async function dropMoved(tx: SqlWriter): Promise<void> {
  // Those that refer to others first.
  for (const name of NAMES.toReversed()) await tx.define(`DROP TABLE ${MOVED}${name}`);
  for (const name of tx.dialect.trail === 'files' ? ['config_changes', 'audit_records'] : ['config_changes']) {
    await tx.define(`DROP TABLE ${name}`);
  }
  await tx.define('DROP TABLE moved');
}

/** The schema that the tables of a marked database have. */
export async function markedVersion(tx: SqlReader, kind: 'copying' | 'moved'): Promise<number> {
  const [row = {}] = await tx.all(`SELECT version FROM ${kind === 'copying' ? COPYING : MOVED}${VERSION}`);
  return integer(row, 'version');
}

/** Before the names of the tables of a facility that was moved away. */
export const MOVED = 'moved_';
/** A copy has all tables but that of the version, without which nobody takes it for a facility. */
const COPYING = 'copying_';

const VERSION = 'schema_version';
const NAMES: readonly string[] = [VERSION, ...TABLES.map(({ name }) => name)];

async function mark(tx: SqlWriter, table: 'copying' | 'moved', engine: string): Promise<void> {
  await tx.define(`CREATE TABLE ${table} (engine TEXT NOT NULL, since BIGINT NOT NULL)`);
  await tx.run(`INSERT INTO ${table} (engine, since) VALUES (?, ?)`, [engine, await tx.now()]);
}
