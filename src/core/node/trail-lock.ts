/**
 * The audit trail of this host held alone, for whoever replaces the database that it belongs to: nobody copies records
 * meanwhile, of whatever version.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/model.ts';
import { fileFault } from './file-fault.ts';
import { acquireFileLock } from './file-lock.ts';

/** Whoever waits for it holds the lock of a database file already, and never the other way round. */
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
