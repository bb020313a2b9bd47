/**
 * Appending to the audit trail inside the transactions of the store (docs/decisions/0018-one-truth.md). Invariant:
 * each record is chained to the one before it in the same database, and the sealed end of the chain moves in the same
 * transaction; where the files of the trail have what the database does not know, nothing is granted or changed.
 */
import { Fault } from '../errors.ts';
import type { Journal, JournalEntry } from '../store/recording-engine.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlReader, SqlWriter } from '../store/sql-engine.ts';
import { type FileEnd, fileEnd } from './audit-file-end.ts';
import { authenticMac, FIRST_MAC, statedMac } from './audit-record.ts';
import { appendRows, type ChainEnd, FILE_CHAIN, readEnd, type TimedEvent } from './audit-rows.ts';
import { forgetSides, takeSideChains } from './audit-side.ts';

export type JournalOptions = {
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly trail: TrailPlace;
  /** After a commit: copies the rows to the files where that is due; never rejects. */
  readonly committed?: Journal['committed'];
  readonly aside?: Journal['aside'];
  /** Ids of side chains whose files this process has removed. */
  readonly removedSides?: ReadonlySet<string>;
  /** In a transaction that takes records of side chains over. */
  readonly sidesTaken?: () => void;
  /** In a transaction that ends because too many records wait: not waited for. */
  readonly full?: () => void;
};

/** Files of this host, with one chain for all of them; or the table itself, with chains of its own for each host. */
export type TrailPlace =
  | { readonly kind: 'files'; readonly folder: string; readonly queueMax: number }
  | { readonly kind: 'table'; readonly folder: string; readonly host: string };

/** Chains of one host in a table, so that its logins do not wait for each other's COMMIT. */
const SLOTS = 16;

export function createJournal(options: JournalOptions): Journal {
  const { key, trail, removedSides = [], sidesTaken, full, committed = async () => undefined } = options;
  const { aside = rethrow } = options;
  return {
    // Asked together with others: whatever is wrong is a rejection, never thrown.
    async append(tx, entry) {
      forgetSides(tx, removedSides);
      if (trail.kind === 'table') return appendToTable(tx, entry, { key, ...trail, sidesTaken });
      return appendQueued(tx, entry, { key, ...trail, sidesTaken, full });
    },
    committed,
    aside,
  };
}

async function rethrow(_event: unknown, thrown: unknown): Promise<never> {
  throw thrown;
}

/**
 * How the files stand to the rows: up to which of them they are durable, or `ahead` where they have what this
 * database never wrote. `behind`: records are missing there, or they cannot be read; `audit verify` says which.
 */
export type Standing = number | 'ahead' | 'behind' | 'same';

/**
 * `files` was read before the transaction, or under its lock: the files are never ahead of a database that belongs to
 * them.
 */
export async function standingOf(
  tx: SqlReader,
  { files, end, key }: { files: FileEnd | undefined; end: ChainEnd | undefined; key: Uint8Array },
): Promise<Standing> {
  if (files?.authentic !== true) return 'behind';
  const known = end ?? { seq: 0, mac: FIRST_MAC };
  if (files.seq > known.seq) return 'ahead';
  if (files.seq === known.seq && files.mac !== known.mac) return 'ahead';
  const [same, next] = await Promise.all([rowAt(tx, files.seq), rowAt(tx, files.seq + 1)]);
  if (same !== undefined && statedMac(same) !== files.mac) return 'ahead';
  if (next !== undefined && authenticMac(next, files.mac, key) === undefined) return 'ahead';
  if (same === undefined) return files.seq === known.seq || next !== undefined ? 'same' : 'behind';
  return Math.min(files.durableSeq, files.seq);
}

/** Undefined where the files may not or cannot be read. */
export async function readableEnd(folder: string, key: Uint8Array): Promise<FileEnd | undefined> {
  try {
    return await fileEnd(folder, key);
  } catch {
    return undefined;
  }
}

/** How many records wait to be copied to the files, or for the next write to delete them. */
export async function countQueued(tx: SqlReader, end: ChainEnd | undefined): Promise<number> {
  const [row] = await tx.all('SELECT seq FROM audit_records WHERE chain = ? ORDER BY seq LIMIT 1', [FILE_CHAIN]);
  return row === undefined || end === undefined ? 0 : end.seq - integer(row, 'seq') + 1;
}

export function rolledBack(): Fault {
  return new Fault('busy', 'The database is older than its audit trail: somebody put an old copy of it back by hand.', {
    hint: 'Nobody can log in until this is repaired. Put a backup back with: gatehouse restore FILE',
    lasting: true,
  });
}

type Told = { readonly sidesTaken: (() => void) | undefined };
type Table = Told & { readonly key: Uint8Array; readonly folder: string; readonly host: string };

async function appendToTable(tx: SqlWriter, { events }: JournalEntry, table: Table): Promise<number> {
  const { key, folder, host } = table;
  const taken = await takeSideChains(tx, { folder, key, most: Number.POSITIVE_INFINITY });
  if (taken.length > 0) table.sidesTaken?.();
  const chain = `${host}/${Math.floor(Math.random() * SLOTS)}`;
  const end = await readEnd(tx, { key, chain, lock: tx.dialect.lockRows });
  await appendRows(tx, { key, chain, end, events: [...taken, ...events] });
  return 0;
}

type Queue = Told & {
  readonly key: Uint8Array;
  readonly folder: string;
  readonly queueMax: number;
  readonly full: (() => void) | undefined;
};

async function appendQueued(
  tx: SqlWriter,
  { events, kind }: JournalEntry,
  { key, folder, queueMax, sidesTaken, full }: Queue,
): Promise<number> {
  const { standing, queued, end } = await beforeAppend(tx, folder, key);
  if (standing === 'ahead' && kind === 'change') throw rolledBack();
  if (queued >= queueMax) {
    full?.();
    if (kind === 'change') throw queueFull(queued, folder);
    await tx.run('UPDATE audit_heads SET skipped = skipped + ? WHERE chain = ?', [events.length, FILE_CHAIN]);
    return queued;
  }
  // In portions: logins and changes keep their room.
  const most = Math.floor(queueMax / 2) - queued - events.length;
  const taken = await takeSideChains(tx, { folder, key, most });
  if (taken.length > 0) sidesTaken?.();
  await appendRows(tx, { key, chain: FILE_CHAIN, end, events: [...taken, ...events] });
  return queued + taken.length + events.length;
}

/** In a transaction that goes on however many records wait: what empties the queue is recorded too. */
export async function appendAlways(
  tx: SqlWriter,
  { events, folder, key }: { events: readonly TimedEvent[]; folder: string; key: Uint8Array },
): Promise<void> {
  const { standing, end } = await beforeAppend(tx, folder, key);
  if (standing === 'ahead') throw rolledBack();
  await appendRows(tx, { key, chain: FILE_CHAIN, end, events });
}

/** What is durable in the files is deleted; that would not be worth a write of its own. */
async function beforeAppend(tx: SqlWriter, folder: string, key: Uint8Array) {
  const files = await readableEnd(folder, key);
  const end = await readEnd(tx, { key, chain: FILE_CHAIN });
  const standing = await standingOf(tx, { files, end, key });
  if (typeof standing === 'number') {
    await tx.run('DELETE FROM audit_records WHERE chain = ? AND seq <= ?', [FILE_CHAIN, standing]);
  }
  return { standing, queued: await countQueued(tx, end), end };
}

async function rowAt(tx: SqlReader, seq: number): Promise<string | undefined> {
  const [row] = await tx.all('SELECT line FROM audit_records WHERE chain = ? AND seq = ?', [FILE_CHAIN, seq]);
  return row === undefined ? undefined : text(row, 'line');
}

function queueFull(queued: number, folder: string): Fault {
  return new Fault('busy', `${queued} audit records could not be written to ${folder} yet (Audit.QueueMax).`, {
    hint: 'Free space there or repair the folder; `gatehouse doctor` says what is wrong.',
    lasting: true,
  });
}
