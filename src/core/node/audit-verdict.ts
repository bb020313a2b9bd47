/**
 * Verifying the trail of a facility, wherever it is. Invariant: where the database cannot be read, there is no
 * verdict, and never a good one.
 */
import { Fault, toFault } from '../errors.ts';
import type { SqlReader } from '../store/sql-engine.ts';
import { baseOf, FILE_CHAIN, readEnds } from './audit-rows.ts';
import { brokenSides, sideChains } from './audit-side-file.ts';
import type { TrailParts } from './audit-trail.ts';
import {
  type AuditVerification,
  databaseTrail,
  type Expected,
  verifyFileTrail,
  verifyOlderFiles,
  verifyTable,
} from './audit-verify.ts';

export async function verifyTrail(parts: TrailParts, expected: readonly Expected[]): Promise<AuditVerification> {
  const { folder, key, config } = parts;
  const read = <T>(work: (tx: SqlReader) => Promise<T>) => withDatabase(parts, work);
  await refuseArchived(await read((tx) => readEnds(tx, key)), expected);
  const sides = () => [...sideChains(folder, key), ...brokenSides(folder, key)];
  if (config.store.engine !== 'postgres') {
    return verifyFileTrail({
      ...{ folder, key, sides },
      database: () => read((tx) => databaseTrail(tx, key)),
      expected: expected.find(({ chain }) => chain === FILE_CHAIN),
    });
  }
  const table = await read((tx) => verifyTable(tx, { key, sides: sides(), expected }));
  const sealed = (await read((tx) => readEnds(tx, key))).get(FILE_CHAIN);
  const older = await verifyOlderFiles(folder, key, sealed);
  const records = table.records + older.records;
  if (older.broken === null) return { ...table, records };
  return { ok: false, records, firstBroken: older.broken, chain: parts.host, end: table.end };
}

/** `SEQ:MAC`, or of a table `CHAIN:SEQ:MAC`, several with commas between; undefined where it is not that. */
export function parseExpected(typed: string): readonly Expected[] | undefined {
  const parts = typed.split(',').map((part) => {
    const [, chain = FILE_CHAIN, seq = '', mac = ''] = FORM.exec(part.trim()) ?? [];
    return seq === '' ? undefined : { chain, seq: Number(seq), mac };
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

const FORM = /^(?:([^,:]+):)?(\d{1,15}):([\w-]{43})$/;

async function withDatabase<T>({ engine }: TrailParts, work: (tx: SqlReader) => Promise<T>): Promise<T> {
  try {
    return await (await engine()).read(work);
  } catch (thrown) {
    const { message, hint } = toFault(thrown);
    throw new Fault('busy', `The audit trail cannot be verified without its database. ${message}`, {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

async function refuseArchived(
  ends: Awaited<ReturnType<typeof readEnds>>,
  expected: readonly Expected[],
): Promise<void> {
  const archived = expected.find(({ chain, seq }) => {
    const base = ends.get(baseOf(chain));
    return base?.authentic === true && seq < base.seq;
  });
  if (archived === undefined) return;
  throw new Fault('not-found', `Record ${archived.seq} was archived.`, {
    hint: 'Compare it with the archive: gatehouse audit verify DIR',
  });
}
