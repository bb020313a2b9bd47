/**
 * `<db>.lock`, by which the two engines of one file keep out of each other's way: a writer of sqljs takes it alone, for one write; the sqlite engine
 * shares it with its like for as long as it is open.
 */
import { acquireFileLock, acquireSharedFileLock, type FileLock } from '../../node/file-lock.ts';

/** Milliseconds, unless somebody says otherwise; then Fault `busy`. */
const WAIT_MS = 10_000;

export function lockDatabase(path: string, waitMs = WAIT_MS): Promise<FileLock> {
  return acquireFileLock({ ...request(path, waitMs), sharers: 'Gatehouse with Store.Engine=sqlite' });
}

export function shareDatabase(path: string, waitMs = WAIT_MS): Promise<FileLock> {
  return acquireSharedFileLock(request(path, waitMs));
}

function request(path: string, waitMs: number) {
  return { path: `${path}.lock`, what: 'database', waitMs };
}
