/** How far the files of the audit trail go: read on each write, so no more than the end of the newest file is looked at. */
import { join } from 'node:path';
import { decodeHead, HEAD_FILE } from './audit-head.ts';
import { tailBehind, tailWithoutHead } from './audit-tail.ts';
import { readGuarded } from './file-safety.ts';

/** Number and MAC of the last record in the files; `durableSeq` is the last that is known to be synced. */
export type FileEnd = { readonly seq: number; readonly mac: string; readonly durableSeq: number };

/** Undefined where the folder cannot be read. */
export async function fileEnd(folder: string, key: Uint8Array): Promise<FileEnd | undefined> {
  try {
    const head = readHead(folder, key);
    const { seq, mac } = head === undefined ? await tailWithoutHead(folder) : await tailBehind(folder, head, key);
    return { seq, mac, durableSeq: head?.seq ?? 0 };
  } catch {
    return undefined;
  }
}

function readHead(folder: string, key: Uint8Array) {
  try {
    return decodeHead(readGuarded({ path: join(folder, HEAD_FILE), what: 'audit head' }), key);
  } catch {
    return undefined;
  }
}
