import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** A small record appended to a file of that folder, on the disk when it resolves: what a login that is on the disk cannot be below. */
export async function syncOnce(folder: string): Promise<void> {
  const file = await open(join(folder, 'synced'), 'a');
  try {
    await file.write(RECORD);
    await file.datasync();
  } finally {
    await file.close();
  }
}

const RECORD = 'x'.repeat(600);
