/**
 * When records are copied from the database to the files: in a process that stays, soon after each write, and nobody
 * waits for it; in one that ends soon, when many wait. Invariant: nothing but `drain` ever rejects because of it.
 */
import { dirname } from 'node:path';
import { toFault } from '../errors.ts';
import { drainRows, syncFolder } from './audit-drain.ts';
import { claimAuditFolder } from './audit-owner.ts';
import { FILE_CHAIN, readEnds, rowsOf, sideOf } from './audit-rows.ts';
import { removeTakenSides } from './audit-side.ts';
import type { TrailParts } from './audit-trail.ts';

/** So many records are copied at once, for one sync. */
export const DRAINED_TOGETHER = 64;
/** The files have what was written within that, in a process that stays. */
const SOON_MS = 1000;
/** An explicit drain waits so long for another one. */
const WAIT_MS = 10_000;

export function createDraining(parts: TrailParts, kind: 'files' | 'table') {
  const removedSides = new Set<string>();
  let background = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let sidesToRemove = false;

  async function removeSides(waitMs: number): Promise<void> {
    const ends = await (await parts.engine()).read((tx) => readEnds(tx, parts.key));
    // Forgotten there, in a transaction that was committed.
    for (const id of removedSides) if (!ends.has(sideOf(id))) removedSides.delete(id);
    for (const id of await removeTakenSides(parts, ends, waitMs)) removedSides.add(id);
    sidesToRemove = false;
  }

  async function drainFiles(waitMs: number): Promise<void> {
    const engine = await parts.engine();
    const rows = await engine.read(async (tx) =>
      // The records of version 1 are in the files.
      (await tx.hasTable('audit_records')) ? rowsOf(tx, FILE_CHAIN) : [],
    );
    // The name of a database that was just replaced is durable before a file has anything of it.
    if (rows.length > 0 && parts.config.store.engine === 'sqljs') syncFolder(dirname(parts.config.store.path));
    if (rows.length > 0) await claimAuditFolder({ ...parts, database: parts.config.store.path }, waitMs);
    await drainRows(parts, rows, waitMs);
  }

  async function drain(waitMs = WAIT_MS): Promise<void> {
    if (kind === 'files') await drainFiles(waitMs);
    await removeSides(waitMs);
  }

  /** One at a time; another process that holds the lock is draining the same rows. */
  function attempt(): Promise<void> {
    if (performance.now() - failedAt < SOON_MS) return Promise.resolve();
    running ??= drain(0)
      .catch(() => {
        failedAt = performance.now();
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void attempt();
    }, SOON_MS).unref();
  }

  return {
    removedSides: removedSides as ReadonlySet<string>,
    sidesTaken: () => {
      sidesToRemove = true;
    },
    /** Not waited for, but by `end`. */
    start: () => void attempt(),
    async committed(queued: number): Promise<void> {
      const due = sidesToRemove || queued >= DRAINED_TOGETHER;
      if (!background) return due ? attempt() : undefined;
      // One that is at work already may have read the rows before this one.
      if (due && running === undefined) void attempt();
      else if (due || kind === 'files') soon();
    },
    inBackground: () => {
      background = true;
    },
    async drain(): Promise<void> {
      await running;
      try {
        await drain();
      } catch (thrown) {
        throw toFault(thrown);
      }
    },
    /** What was to be done soon is done now. */
    async end(): Promise<void> {
      const due = timer !== undefined;
      clearTimeout(timer);
      timer = undefined;
      await running;
      if (due) await attempt();
    },
  };
}
