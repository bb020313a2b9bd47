/**
 * Holds the audit trail of this host alone while the database that it belongs to is replaced: no process of any version
 * copies records meanwhile.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/model.ts';
import { fileFault } from './file-fault.ts';
import { acquireFileLock } from './file-lock.ts';

/** The caller holds the lock of the database file already. Nobody takes the two in the other order. */
export async function withTrailLocked<T>({ audit }: Pick<Config, 'audit'>, work: () => Promise<T>): Promise<T> {
  try {
    mkdirSync(audit.path, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The audit folder ${audit.path} could not be made`, thrown);
  }
  const lock = await acquireFileLock({ path: join(audit.path, 'lock'), waitMs: WAIT_MS, what: 'audit trail' });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Writing takes milliseconds. */
const WAIT_MS = 10_000;
