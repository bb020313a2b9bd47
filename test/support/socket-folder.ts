/** A folder for sockets that is gone with the test. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Mode 0755 but for `mode`. */
export function socketFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sockets-'));
  chmodSync(folder, mode);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
