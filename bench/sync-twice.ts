import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Two small records appended to files of that folder, each on the disk before the next begins. */
export async function syncTwice(folder: string): Promise<void> {
  for (const name of ['first', 'second']) {
    const file = await open(join(folder, `synced-${name}`), 'a');
    try {
      await file.write(RECORD);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

const RECORD = 'x'.repeat(300);
