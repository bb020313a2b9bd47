/**
 * The files of side chains (audit-side.ts): `side-<id>.jsonl`, and `side-<id>.jsonl.broken` for one that somebody
 * changed. Reads only. Invariant: the first record of a chain is bound to its id, and what does not continue the
 * records before it is not read.
 */
import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../errors.ts';
import { attempt } from './attempt.ts';
import { type AuditRecord, authenticMac, decodeRecord } from './audit-record.ts';
import type { ChainEnd, SealedEnd } from './audit-rows.ts';
import { errnoOf } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';

export type SideChain = ChainEnd & {
  readonly id: string;
  /** As far as they continue each other. */
  readonly records: readonly AuditRecord[];
  /** MAC of each. */
  readonly macs: readonly string[];
  /** Bytes of these records. */
  readonly bytes: number;
  /** Whether whole lines that are no continuation stand behind them. */
  readonly broken: boolean;
  /** Whether its file bears the name of a broken one: nothing goes on there. */
  readonly setAside: boolean;
};

/** Those whose files are there. Faults where a file may not or cannot be read; none in a folder that is not there. */
export function sideChains(folder: string, key: Uint8Array): readonly SideChain[] {
  return sideIds(folder).flatMap((id) => readSide(folder, id, key) ?? []);
}

/** Those that were set aside because somebody changed them. Faults as `sideChains`. */
export function brokenSides(folder: string, key: Uint8Array): readonly SideChain[] {
  return idsOf(folder, BROKEN_NAME).flatMap((id) => {
    const chain = readSide(folder, id, key, brokenSidePath(folder, id));
    return chain === undefined ? [] : [{ ...chain, setAside: true }];
  });
}

/** How many of its records the database has. */
export function takenOf(chain: SideChain, sealed: SealedEnd | undefined): number {
  return sealed?.authentic === true ? Math.min(sealed.seq, chain.records.length) : 0;
}

/** Whether somebody cut off what was taken over, and it went on from there: nobody can say what of it is new. */
export function isForked(chain: SideChain, sealed: SealedEnd | undefined): boolean {
  return sealed?.authentic === true && sealed.seq > 0 && chain.macs[sealed.seq - 1] !== sealed.mac;
}

/** Whether it was changed, more was taken over than is in the file, or something else. */
export function isSideBroken(chain: SideChain, sealed: SealedEnd | undefined): boolean {
  if (chain.broken || chain.setAside) return true;
  return sealed !== undefined && (!sealed.authentic || isForked(chain, sealed));
}

export function sidePath(folder: string, id: string): string {
  return join(folder, `side-${id}.jsonl`);
}

export function brokenSidePath(folder: string, id: string): string {
  return `${sidePath(folder, id)}.broken`;
}

export function sideIds(folder: string): readonly string[] {
  return idsOf(folder, NAME);
}

/** Undefined where it is not there. */
export function readSide(
  folder: string,
  id: string,
  key: Uint8Array,
  path = sidePath(folder, id),
): SideChain | undefined {
  try {
    return readChain(id, readGuarded({ path, what: 'audit file' }), key);
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Bound to its id: the records of one side chain are no other's. */
export function firstSideMac(id: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit side v1\n${id}`).digest('base64url');
}

export function readChain(id: string, content: Uint8Array, key: Uint8Array): SideChain {
  const lines = Buffer.from(content).toString('latin1').split('\n').slice(0, -1);
  const records: AuditRecord[] = [];
  const macs: string[] = [];
  let mac = firstSideMac(id, key);
  let bytes = 0;
  for (const line of lines) {
    const record = decodeRecord(line);
    const next = record?.seq === records.length + 1 ? authenticMac(line, mac, key) : undefined;
    if (record === undefined || next === undefined) break;
    records.push(record);
    macs.push(next);
    mac = next;
    bytes += line.length + 1;
  }
  const broken = records.length < lines.length;
  return { id, seq: records.length, mac, records, macs, bytes, broken, setAside: false };
}

const NAME = /^side-([0-9a-f]{16})\.jsonl$/;
const BROKEN_NAME = /^side-([0-9a-f]{16})\.jsonl\.broken$/;

function idsOf(folder: string, form: RegExp): readonly string[] {
  return (attempt(() => readdirSync(folder)) ?? []).flatMap((name) => form.exec(name)?.[1] ?? []).sort();
}
