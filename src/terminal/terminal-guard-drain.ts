/**
 * Drops what was typed and nobody has read. Node has no tcflush; so the terminal is opened once more, not blocking, and read
 * until it has nothing left. Only in raw mode is that everything: before, half a line is not handed out.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** `fd` is a terminal. Never blocks, never throws. Returns the number of bytes dropped. */
export function dropTypeAhead(fd: number): number {
  const extra = openAgain(fd);
  if (extra === undefined) return 0;
  const bytes = Buffer.alloc(4096);
  let dropped = 0;
  try {
    // A terminal that sends without end (a key held down, a hostile peer) must not keep the gate here.
    while (dropped < MOST_BYTES) {
      const count = readSync(extra, bytes, 0, bytes.length, null);
      if (count === 0) break;
      dropped += count;
    }
  } catch {
    // EAGAIN: nothing is left. EIO: the terminal is gone.
  } finally {
    bytes.fill(0);
    closeSync(extra);
  }
  return dropped;
}

const MOST_BYTES = 1 << 20;

/**
 * The very terminal where /proc is; else the controlling one. Not blocking, and an open file of its own, so that only this
 * descriptor is.
 */
export function openAgain(fd: number): number | undefined {
  const paths = process.platform === 'linux' ? [`/proc/self/fd/${fd}`, '/dev/tty'] : ['/dev/tty'];
  for (const path of paths) {
    try {
      return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // Not ours to open (the account was changed since), or no controlling terminal.
    }
  }
  return undefined;
}
