/**
 * Writes that record what they do. Invariant: a change and its audit records are one transaction, and it is made only where the database still has
 * the schema of this program; both are looked after here, for every write of the store.
 */
import { type AuditEvent, isFailure } from '../audit-event.ts';
import type { AuditContext } from '../ports.ts';
import { checkVersion } from './migrations.ts';
import type { SqlEngine, SqlReader, SqlWriter } from './sql-engine.ts';

export type Journal = {
  /** Appends the events to the trail, in the caller's transaction. Answers how many records are not in the files yet. Throws a Fault. */
  append(tx: SqlWriter, entry: JournalEntry): Promise<number>;
  /** After the commit, with that answer. Never rejects. */
  committed(queued: number): Promise<void>;
  /** Holds a failure that could not be recorded because of what was thrown; rejects with that where it cannot. */
  aside(event: AuditEvent, thrown: unknown): Promise<void>;
};

export type JournalEntry = {
  readonly events: readonly AuditEvent[];
  /** What only counts a failure goes on where grants and changes no longer do (docs/decisions/0018-one-truth.md). */
  readonly kind: 'change' | 'failure';
};

export type RecordingWriter = SqlWriter & {
  /** In the order of the calls, behind everything that the transaction does. */
  record(event: AuditEvent): void;
  /** The same, of an attempt that failed. */
  recordFailure(event: AuditEvent): void;
};

export type RecordingEngine = {
  read<T>(work: (tx: SqlReader) => Promise<T>): Promise<T>;
  write<T>(work: (tx: RecordingWriter) => Promise<T>): Promise<T>;
  now: SqlEngine['now'];
  /** An event that goes with no change. One of a failed attempt is held aside where the database cannot be reached. */
  record(event: AuditEvent): Promise<void>;
};

export function recordingEngine(engine: SqlEngine, journal: Journal, by: AuditContext): RecordingEngine {
  const write: RecordingEngine['write'] = async (work) => {
    let queued: number | undefined;
    const answer = await engine.write(async (tx) => {
      queued = undefined;
      const events: AuditEvent[] = [];
      let kind: JournalEntry['kind'] = 'failure';
      let wrote = false;
      const writing = <Work extends (...args: never[]) => unknown>(change: Work) =>
        ((...args) => {
          wrote = true;
          return change(...args);
        }) as Work;
      const result = await work({
        ...tx,
        ...{ later: writing(tx.later), run: writing(tx.run), runMany: writing(tx.runMany) },
        record(event) {
          kind = 'change';
          events.push({ ...by, ...event });
        },
        recordFailure: (event) => void events.push({ ...by, ...event }),
      });
      if (!wrote && events.length === 0) return result;
      // Together with what the journal asks: one round trip.
      const [, ahead] = await Promise.all([
        checkVersion(tx),
        events.length === 0 ? undefined : journal.append(tx, { events, kind }),
      ]);
      queued = ahead;
      return result;
    });
    if (queued !== undefined) await journal.committed(queued);
    return answer;
  };
  return {
    read: engine.read,
    now: engine.now,
    write,
    async record(event) {
      if (!isFailure(event)) return write(async (tx) => tx.record(event));
      try {
        await write(async (tx) => tx.recordFailure(event));
      } catch (thrown) {
        await journal.aside({ ...by, ...event }, thrown);
      }
    },
  };
}
