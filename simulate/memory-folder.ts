import { accessSync, constants } from 'node:fs';

/** A day writes a hundred thousand times, each time to the disk. What that takes is the model's to say, so the files may lie in memory where a system has such a folder. */
export function memoryFolder(): string | undefined {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return undefined;
  }
}
