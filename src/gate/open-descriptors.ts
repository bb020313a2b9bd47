/** What /proc says about the descriptors of this process, where there is one (Linux): Node has no fcntl. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux open(2); the same numbers on all that Node runs on. `O_ACCMODE` is where the access mode is. */
export const [O_RDONLY, O_RDWR, O_ACCMODE, O_CLOEXEC] = [0o0, 0o2, 0o3, 0o2000000];

/** The folder that is read for it is among them, and closed again. Throws without /proc. */
export function openDescriptors(): readonly number[] {
  return readdirSync('/proc/self/fd').map(Number);
}

/** The flags it was opened with, and `O_CLOEXEC`; undefined where it is not open (proc(5): /proc/self/fdinfo/N, in octal). */
export function openFlags(fd: number): number | undefined {
  try {
    const [, flags] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
    return flags === undefined ? undefined : Number.parseInt(flags, 8);
  } catch {
    return undefined;
  }
}
