/** Memory of a running process, as Linux counts it. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Megabytes (10^6 bytes) that are resident now, shared pages of the Node binary included. */
export function residentMegabytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`/proc/${pid}/status tells no VmRSS.`);
  return (Number(found[1]) * 1024) / 1e6;
}

/** Megabytes once they have stopped growing: what a program that waits for a person goes on holding. */
export async function settledMegabytes(pid: number): Promise<number> {
  let before = residentMegabytes(pid);
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    await pause(LOOK_EVERY_MS);
    const now = residentMegabytes(pid);
    if (Math.abs(now - before) < 0.1) return now;
    before = now;
  }
  return before;
}

const LOOK_EVERY_MS = 150;
const MOST_LOOKS = 20;
