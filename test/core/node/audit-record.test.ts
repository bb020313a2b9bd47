/** One line of the audit trail: what is taken for a record, and what is not. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuditRecord,
  authenticMac,
  decodeRecord,
  encodeRecord,
  FIRST_MAC,
  statedMac,
} from '../../../src/core/node/audit-record.ts';

const KEY = new Uint8Array(32).fill(7);
const RECORD: AuditRecord = {
  seq: 3,
  at: '2026-11-24T03:00:00.000Z',
  event: 'code.wrong',
  user: 'alice',
  stepsOff: -8,
};
const MAC = 'm'.repeat(43);

/** A line with these fields, with the place of a MAC filled by whoever has no key. */
const lineOf = (fields: object) => `${JSON.stringify(fields).slice(0, -1)},"mac":"${MAC}"}`;

/** The record's line, without its line end. */
function encoded(record: AuditRecord = RECORD, previousMac = FIRST_MAC) {
  const { line, mac } = encodeRecord(record, previousMac, KEY);
  return { text: line.trimEnd(), mac };
}

describe('a line of the trail', () => {
  it('says what the record said, and bears its MAC', () => {
    const full: AuditRecord = {
      ...RECORD,
      ...{ actor: 'os:root', userId: 'u1', userIds: ['u1', 'u2'], terminal: 'ward-3', detail: 'x' },
      ...{ count: 2, lockedAnswers: 1, found: 'head-lost' },
    };
    const { text, mac } = encoded(full);
    expect(decodeRecord(text)).toEqual(full);
    expect(statedMac(text)).toBe(mac);
    expect(authenticMac(text, FIRST_MAC, KEY)).toBe(mac);
  });

  it('is bound to the record before it and to the key', () => {
    const { text } = encoded(RECORD, MAC);
    expect(authenticMac(text, MAC, KEY)).toBeDefined();
    expect(authenticMac(text, FIRST_MAC, KEY)).toBeUndefined();
    expect(authenticMac(text, MAC, new Uint8Array(32))).toBeUndefined();
  });

  it('has its MAC in one place and form, so that no byte of it can be changed', () => {
    const { text, mac } = encoded();
    for (const changed of [
      text.replace(',"mac":"', ',"max":"'),
      `${text.slice(0, -2)}" }`,
      `${text} `,
      `,"mac":"${mac}"}`,
      text.replace(mac, mac.slice(1)),
    ]) {
      expect(authenticMac(changed, FIRST_MAC, KEY)).toBeUndefined();
      expect(decodeRecord(changed)).toBeUndefined();
    }
    expect(statedMac('no record')).toBe(FIRST_MAC);
  });

  it('has a MAC of what version 1 of its format says', () => {
    const { text, mac } = encoded(RECORD, MAC);
    const body = text.slice(0, text.indexOf(',"mac"'));
    const message = `gatehouse audit record v1\n${MAC}\n${body}`;
    expect(mac).toBe(createHmac('sha256', KEY).update(message).digest('base64url'));
  });

  it('is no record where its number, its time or its event is missing or of another kind', () => {
    expect(decodeRecord(lineOf(RECORD))).toEqual(RECORD);
    for (const change of [
      { seq: undefined },
      { seq: '3' },
      { seq: 3.5 },
      { seq: 2 ** 53 },
      { at: undefined },
      { at: 3 },
      { event: undefined },
      { event: 'user.crowned' },
    ]) {
      expect(decodeRecord(lineOf({ ...RECORD, ...change }))).toBeUndefined();
    }
    for (const text of ['', '{}', `{"mac":"${MAC}"}`, lineOf([]), '{"seq":1', `"a","mac":"${MAC}"}`]) {
      expect(decodeRecord(text)).toBeUndefined();
    }
  });

  it('loses further fields of another kind, and is a record all the same', () => {
    const odd = { actor: 1, user: null, userId: [], terminal: {}, detail: true, count: '2', stepsOff: null };
    const { seq, at, event } = RECORD;
    const more = { lockedAnswers: [], userIds: ['u1', 2], found: 'gold', madeUp: 1 };
    expect(decodeRecord(lineOf({ seq, at, event, ...odd, ...more }))).toEqual({ seq, at, event });
  });

  it('is cut to 200 characters of a text, not within one, and says so', () => {
    const said = (detail: string) => decodeRecord(encoded({ ...RECORD, detail }).text)?.detail;
    expect(said('x'.repeat(200))).toBe('x'.repeat(200));
    expect(said('x'.repeat(201))).toBe(`${'x'.repeat(200)}...`);
    expect(said('\u{1f511}'.repeat(200))).toBe('\u{1f511}'.repeat(200));
    expect(said('\u{1f511}'.repeat(300))).toBe(`${'\u{1f511}'.repeat(200)}...`);
  });
});
