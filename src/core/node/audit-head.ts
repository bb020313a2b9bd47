/**
 * The head of the audit trail: number and MAC of the last record, under a MAC of its own, so that records cut off at the end are
 * missed. Two slots are written in turn: one that was torn by a power cut leaves the other.
 */
import { createHmac } from 'node:crypto';
import { sameText } from '../constant-time.ts';
import { FIRST_MAC } from './audit-record.ts';

export const HEAD_FILE = 'end';

/** `end`: how many bytes its segment had after the record. */
export type AuditHead = { readonly seq: number; readonly mac: string; readonly end: number };

/** Before the first record. */
export const EMPTY_HEAD: AuditHead = { seq: 0, mac: FIRST_MAC, end: 0 };

/** Where a head goes in the head file, and the bytes to put there: always as many. */
export function encodeHead(
  head: AuditHead,
  key: Uint8Array,
): { readonly position: number; readonly bytes: Uint8Array } {
  const { seq, mac, end } = head;
  const text = JSON.stringify({ seq, mac, end, seal: sealOf(head, key) });
  return { position: (seq % 2) * SLOT_BYTES, bytes: Buffer.from(`${text.padEnd(SLOT_BYTES - 1)}\n`) };
}

/** The later of the slots that are authentic; undefined where none is. */
export function decodeHead(bytes: Uint8Array, key: Uint8Array): AuditHead | undefined {
  const slots = [0, SLOT_BYTES].map((start) => decodeSlot(bytes.subarray(start, start + SLOT_BYTES), key));
  return slots.reduce((latest, head) => (head && head.seq >= (latest?.seq ?? 0) ? head : latest), undefined);
}

/** Head file whole: both slots. */
export const HEAD_BYTES = 512;
const SLOT_BYTES = HEAD_BYTES / 2;

function sealOf({ seq, mac, end }: AuditHead, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit head v1\n${seq}\n${mac}\n${end}`).digest('base64url');
}

function decodeSlot(bytes: Uint8Array, key: Uint8Array): AuditHead | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('latin1'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { seq, mac, end, seal } = value as { [Field in keyof AuditHead | 'seal']?: unknown };
    if (!isCount(seq) || !isCount(end) || typeof mac !== 'string' || typeof seal !== 'string') return undefined;
    const head = { seq, mac, end };
    return sameText(sealOf(head, key), seal) ? head : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
