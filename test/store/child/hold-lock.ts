/** Takes the lock, says so, and keeps it until it is killed. */
import { acquireFileLock } from '../../../src/core/node/file-lock.ts';

await acquireFileLock({ path: process.argv[2] ?? '', what: 'database', waitMs: 60_000 });
process.send?.('locked');
setInterval(() => undefined, 60_000);
