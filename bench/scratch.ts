/** Folders that are gone when the bench is, however it ends; only a SIGKILL leaves them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Scratch = { readonly folder: string; remove(): void };

/** `letGo`: what else has to end before a signal may end this process. */
export function openScratch(letGo: () => Promise<void> = async () => undefined): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  for (const [signal, number] of ENDING) {
    process.on(signal, () => void letGo().finally(() => process.exit(128 + number)));
  }
  return { folder, remove };
}

const ENDING = [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const;
