/** How much room is left for the audit trail: `doctor` warns before a full disk denies every login (ACCEPTANCE C47). */
import { type StatsFs, statfsSync } from 'node:fs';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import type { Check } from './doctor-check.ts';

const MIB = 1024 * 1024;
/** Less is a warning on any disk: some 300,000 records. */
const LEAST_BYTES = 100 * MIB;
/** Less of the disk than this is one too, but on a disk where that is more than anybody needs. */
const LEAST_SHARE = 0.1;
const PLENTY_BYTES = 1024 * MIB;
/** Each segment and each lock is a file. */
const LEAST_FILES = 100;

/** None where the folder cannot be asked: other checks say what is wrong with it. */
export function auditSpaceChecks(folder: string): readonly Check[] {
  const space = attempt(() => statfsSync(folder));
  return space === undefined ? [] : [spaceCheck(folder, space)];
}

function spaceCheck(folder: string, { bavail, blocks, bsize, files, ffree }: StatsFs): Check {
  const free = bavail * bsize;
  const name = 'disk';
  const left = `${Math.floor(free / MIB)} MiB of ${Math.ceil((blocks * bsize) / MIB)} MiB`;
  const isLow = free < LEAST_BYTES || (free < blocks * bsize * LEAST_SHARE && free < PLENTY_BYTES);
  // Some file systems make room for files as they need it, and say 0 of 0.
  const fewFiles = files > 0 && ffree < LEAST_FILES;
  if (!isLow && !fewFiles) return { name, level: 'ok', text: `${left} are free for the audit trail.` };
  const what = isLow ? `Only ${left} are free` : `Only ${ffree} more files can be made`;
  return {
    name,
    level: 'warn',
    text: `${what} where the audit trail is (${inert(folder)}). Logins stop when it is full: free space, or run: gatehouse audit archive --before DATE DIR`,
  };
}
