/**
 * One line of the audit trail: `{"seq":1,"at":"...","event":"...",...,"mac":"..."}`. The MAC is taken over the exact
 * bytes before it and the MAC of the record before: nothing in a record, and no order of records, can be changed
 * without the key. Lines are pure ASCII, so that no text from outside can steer the terminal of whoever looks at the
 * file.
 */
import { createHmac } from 'node:crypto';
import { AUDIT_EVENTS, type AuditEvent } from '../audit-event.ts';
import { sameText } from '../constant-time.ts';

/** `seq` counts from 1 without gaps; `at` is ISO 8601 in UTC. */
export type AuditRecord = AuditEvent & {
  readonly seq: number;
  readonly at: string;
  /** What the writer found amiss at the end of the trail, and went on behind. */
  readonly found?: AuditFinding;
};

/**
 * `torn-record`, of version 1 alone: the bytes of a record that its writer never finished; nothing acknowledged is
 * lost. `head-lost`: the end that the database had sealed was gone or changed, so that nobody can say how many records
 * were cut off before this one.
 */
export const AUDIT_FINDINGS = ['torn-record', 'head-lost'] as const;
export type AuditFinding = (typeof AUDIT_FINDINGS)[number];

/** What the first record is chained to. */
export const FIRST_MAC = '';

/** No line is longer: whoever reads backwards, or after a crash, need look no further. */
export const RECORD_MAX_BYTES = 16 * 1024;

export type Encoded = { readonly line: string; readonly mac: string };

/** The line, with its line end. Long texts are cut. */
export function encodeRecord(record: AuditRecord, previousMac: string, key: Uint8Array): Encoded {
  const { seq, at, event, userId, userIds, count, lockedAnswers, stepsOff, found } = record;
  const [actor, user, terminal, detail] = [record.actor, record.user, record.terminal, record.detail].map(cut);
  const fields = {
    seq,
    at,
    event,
    actor,
    user,
    userId,
    userIds,
    terminal,
    detail,
    count,
    lockedAnswers,
    stepsOff,
    found,
  };
  const body = asciiJson(fields).slice(0, -1);
  const mac = macOf(body, previousMac, key);
  return { line: `${body}${MAC_FIELD}${mac}"}\n`, mac };
}

/**
 * The MAC of a line (without its line end) where it is the next after `previousMac`; undefined where anything was
 * changed.
 */
export function authenticMac(line: string, previousMac: string, key: Uint8Array): string | undefined {
  const parts = splitLine(line);
  if (!parts) return undefined;
  return sameText(macOf(parts.body, previousMac, key), parts.mac) ? parts.mac : undefined;
}

/** What a line says, whoever wrote it; undefined where it is no record. */
export function decodeRecord(line: string): AuditRecord | undefined {
  const parts = splitLine(line);
  if (!parts) return undefined;
  try {
    return checkedRecord(JSON.parse(`${parts.body}}`));
  } catch {
    return undefined;
  }
}

/** The MAC that a line bears, right or wrong. */
export function statedMac(line: string): string {
  return splitLine(line)?.mac ?? FIRST_MAC;
}

/** HMAC-SHA-256 in base64url: 43 characters. */
const MAC_LENGTH = 43;
const MAC_FIELD = ',"mac":"';
/** Whole sentences have no place in the trail, and a terminal name may come from anywhere. */
const TEXT_MAX_CHARACTERS = 200;

function macOf(body: string, previousMac: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit record v1\n${previousMac}\n${body}`).digest('base64url');
}

function splitLine(line: string): { readonly body: string; readonly mac: string } | undefined {
  const macStart = line.length - MAC_LENGTH - 2;
  const bodyEnd = macStart - MAC_FIELD.length;
  if (bodyEnd < 1 || line.slice(bodyEnd, macStart) !== MAC_FIELD || !line.endsWith('"}')) return undefined;
  return { body: line.slice(0, bodyEnd), mac: line.slice(macStart, -2) };
}

function cut(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const kept = [...text.slice(0, 2 * TEXT_MAX_CHARACTERS)].slice(0, TEXT_MAX_CHARACTERS).join('');
  return kept.length < text.length ? `${kept}...` : text;
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function checkedRecord(value: unknown): AuditRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const seq = fields.get('seq');
  const at = fields.get('at');
  const event = AUDIT_EVENTS.find((name) => name === fields.get('event'));
  if (!Number.isSafeInteger(seq) || typeof seq !== 'number' || typeof at !== 'string' || event === undefined)
    return undefined;
  const userIds = fields.get('userIds');
  const found = AUDIT_FINDINGS.find((name) => name === fields.get('found'));
  return {
    seq,
    at,
    event,
    ...texts(fields),
    ...numbers(fields),
    ...(isTextList(userIds) ? { userIds } : {}),
    ...(found === undefined ? {} : { found }),
  };
}

const TEXT_FIELDS = ['actor', 'user', 'userId', 'terminal', 'detail'] as const;
const NUMBER_FIELDS = ['count', 'lockedAnswers', 'stepsOff'] as const;

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function numbers(fields: ReadonlyMap<string, unknown>): {
  readonly [Field in (typeof NUMBER_FIELDS)[number]]?: number;
} {
  const present = NUMBER_FIELDS.flatMap((field) => {
    const number = fields.get(field);
    return typeof number === 'number' ? [[field, number] as const] : [];
  });
  return Object.fromEntries(present);
}

function texts(fields: ReadonlyMap<string, unknown>): { readonly [Field in (typeof TEXT_FIELDS)[number]]?: string } {
  const present = TEXT_FIELDS.flatMap((field) => {
    const text = fields.get(field);
    return typeof text === 'string' ? [[field, text] as const] : [];
  });
  return Object.fromEntries(present);
}
