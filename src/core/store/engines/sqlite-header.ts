/**
 * The first 100 bytes of an SQLite file (https://www.sqlite.org/fileformat2.html#the_database_header), read before SQLite sees the file: an
 * empty, cut or foreign file is refused in plain words, where SQLite would take the first for a new database.
 */
import { Fault } from '../../errors.ts';

export const HEADER_BYTES = 100;

/** Goes up with each transaction that changed the file (offset 24). */
export function changeCounter(file: Uint8Array): number {
  return view(file).getUint32(24);
}

/** Bytes that the file must have, by its header: page size (offset 16; 1 means 65536) times pages (offset 28). */
export function lengthByHeader(file: Uint8Array): number {
  return pageSize(file) * view(file).getUint32(28);
}

/** `what` begins the sentence: "The database /x". Throws Fault `unavailable`. */
export function refuseNoDatabase(file: Uint8Array, what: string): void {
  refuseEmpty(file.length, what);
  if (file.length < HEADER_BYTES || !beginsRight(file)) throw refused(`${what} is no SQLite database.`);
  const size = pageSize(file);
  const sane = size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;
  if (!sane || lengthByHeader(file) !== file.length) throw refused(`${what} is cut off or damaged.`);
}

export function refuseEmpty(bytes: number, what: string): void {
  if (bytes === 0) throw refused(`${what} is empty.`);
}

/** Bytes 18 and 19 are 2 where the `sqlite` engine had it last, or has it now: its latest pages may be in the log beside it. */
export function usesWriteAheadLog(file: Uint8Array): boolean {
  return file.length >= HEADER_BYTES && beginsRight(file) && (file[18] === 2 || file[19] === 2);
}

const MAGIC = 'SQLite format 3\0';

function beginsRight(file: Uint8Array): boolean {
  return [...MAGIC].every((character, index) => file[index] === character.charCodeAt(0));
}

function pageSize(file: Uint8Array): number {
  const stored = view(file).getUint16(16);
  return stored === 1 ? 65_536 : stored;
}

function view(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

function refused(message: string): Fault {
  return new Fault('unavailable', message, {
    hint: 'Restore a backup with `gatehouse restore`, or check Store.Path in config.ini.',
  });
}
