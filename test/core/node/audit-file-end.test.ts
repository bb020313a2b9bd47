/** How far the files of the trail go, with and without the note of the end. The files are made by hand, and short. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type DurableEnd,
  decodeEnd,
  END_BYTES,
  END_FILE,
  encodeEnd,
  fileEnd,
  NO_RECORD,
} from '../../../src/core/node/audit-file-end.ts';
import { encodeRecord, FIRST_MAC } from '../../../src/core/node/audit-record.ts';
import { SEGMENT_RECORDS, segmentOf } from '../../../src/core/node/audit-segment.ts';

const KEY = new Uint8Array(32).fill(7);
const MAC = 'm'.repeat(43);

type Chain = { readonly lines: readonly string[]; readonly macs: readonly string[] };

function chain(first: number, count: number, previousMac: string, key = KEY): Chain {
  let mac = previousMac;
  const encoded = Array.from({ length: count }, (_, index) => {
    const at = '2026-11-24T03:00:00.000Z';
    const made = encodeRecord({ seq: first + index, at, event: 'user.edited' }, mac, key);
    mac = made.mac;
    return made;
  });
  return { lines: encoded.map(({ line }) => line), macs: encoded.map((made) => made.mac) };
}

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-end-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return {
    put: (first: number, text: string) => writeFileSync(segmentOf(folder, first), text, { mode: 0o600 }),
    note(end: DurableEnd) {
      const bytes = Buffer.alloc(END_BYTES, ' ');
      const slot = encodeEnd(end, KEY);
      bytes.set(slot.bytes, slot.position);
      writeFileSync(join(folder, END_FILE), bytes, { mode: 0o600 });
    },
    end: () => fileEnd(folder, KEY),
  };
}

/** The end that is noted at the third record before a file is full. */
const nearly: DurableEnd = { seq: SEGMENT_RECORDS - 3, mac: MAC, end: 0 };
const last = chain(SEGMENT_RECORDS - 2, 3, MAC);
const sizeOf = (lines: readonly string[]) => lines.join('').length;

describe('the note of the end', () => {
  const slot = (value: unknown) => Buffer.from(JSON.stringify(value).padEnd(END_BYTES / 2));
  const sealed = (end: DurableEnd) => JSON.parse(Buffer.from(encodeEnd(end, KEY).bytes).toString('latin1'));
  const decoded = (...slots: readonly Uint8Array[]) => decodeEnd(Buffer.concat(slots), KEY);
  const nothing = Buffer.alloc(END_BYTES / 2);

  it('is the later of two slots, in whichever place, and the other one where one was torn', () => {
    const [odd, even] = [
      { ...NO_RECORD, seq: 3, mac: MAC },
      { ...NO_RECORD, seq: 4, mac: MAC },
    ];
    expect(encodeEnd(odd, KEY).position).toBe(END_BYTES / 2);
    expect(encodeEnd(even, KEY).position).toBe(0);
    expect(encodeEnd(even, KEY).bytes.length).toBe(END_BYTES / 2);
    expect(decoded(slot(sealed(even)), slot(sealed(odd)))).toEqual(even);
    expect(decoded(slot(sealed({ ...even, seq: 2 })), slot(sealed(odd)))).toEqual(odd);
    expect(decoded(nothing, slot(sealed(odd)))).toEqual(odd);
    expect(decoded(slot(sealed(even)), nothing)).toEqual(even);
    expect(decoded(slot(sealed(NO_RECORD)), nothing)).toEqual(NO_RECORD);
    expect(decoded(nothing, nothing)).toBeUndefined();
  });

  it('counts for nothing where the key has not sealed it, or anything in it is of another kind', () => {
    const end = { seq: 4, mac: MAC, end: 9 };
    const good = sealed(end);
    expect(decoded(slot(good), nothing)).toEqual(end);
    const sealedAsText = { ...good, seq: '4' };
    for (const wrong of [
      { ...good, seq: 5 },
      { ...good, end: 10 },
      { ...good, mac: FIRST_MAC },
      { ...good, seal: undefined },
      { ...good, mac: undefined },
      sealedAsText,
      { ...good, end: '9' },
      sealed({ ...end, seq: -1 }),
      sealed({ ...end, end: 0.5 }),
      null,
      'text',
    ]) {
      expect(decoded(slot(wrong), nothing)).toBeUndefined();
    }
    expect(decodeEnd(slot(good), new Uint8Array(32))).toBeUndefined();
  });
});

describe('the end of the files', () => {
  it('is behind the noted one as far as records go on, also over the end of a file', async () => {
    const { put, note, end } = bench();
    note(nearly);
    put(1, last.lines.join(''));
    const filled = { seq: SEGMENT_RECORDS, mac: last.macs[2], end: 0, midLine: false };
    const known = { durableSeq: nearly.seq, noted: true, authentic: true };
    expect(await end()).toEqual({ ...known, ...filled });
    const next = chain(SEGMENT_RECORDS + 1, 2, last.macs[2] ?? '');
    put(SEGMENT_RECORDS + 1, `${next.lines.join('')}{"seq":10003,"at`);
    const reached = { seq: SEGMENT_RECORDS + 2, mac: next.macs[1], end: sizeOf(next.lines), midLine: false };
    expect(await end()).toEqual({ ...known, ...reached });
  });

  it('is before the first line that continues nothing', async () => {
    const { put, note, end } = bench();
    note(nearly);
    const [one = '', , three = ''] = last.lines;
    const foreign = chain(nearly.seq + 2, 1, last.macs[0] ?? '', new Uint8Array(32)).lines;
    for (const behind of [three, ...foreign, 'no record\n', one]) {
      put(1, one + behind);
      expect(await end()).toMatchObject({ seq: nearly.seq + 1, mac: last.macs[0], end: one.length, midLine: false });
    }
  });

  it('is where a file that was cut ends, in the middle of a line or not', async () => {
    const { put, note, end } = bench();
    const { lines, macs } = chain(1, 3, FIRST_MAC);
    const whole = lines.join('');
    note({ seq: 3, mac: macs[2] ?? '', end: whole.length });
    const cutTo = async (size: number) => {
      put(1, whole.slice(0, size));
      const { seq, end: byte, midLine } = await end();
      return { seq, byte, midLine };
    };
    expect(await cutTo(whole.length)).toEqual({ seq: 3, byte: whole.length, midLine: false });
    expect(await cutTo(whole.length - 1)).toEqual({ seq: 3, byte: whole.length - 1, midLine: true });
    const two = sizeOf(lines.slice(0, 2));
    expect(await cutTo(two)).toEqual({ seq: 3, byte: two, midLine: false });
    expect(await cutTo(0)).toEqual({ seq: 3, byte: 0, midLine: false });
  });
});

describe('the end of files without a note', () => {
  const unnoted = { durableSeq: 0, noted: false, midLine: false };

  it('is behind the last record that continues the one before it', async () => {
    const { put, end } = bench();
    expect(await end()).toEqual({ ...unnoted, ...NO_RECORD, authentic: true });
    const { lines, macs } = chain(1, 3, FIRST_MAC);
    put(1, `${lines.join('')}{"seq":4`);
    expect(await end()).toEqual({ ...unnoted, seq: 3, mac: macs[2], end: sizeOf(lines), authentic: true });
  });

  it('is not moved by a line that anybody could have written, but for its place', async () => {
    const { put, end } = bench();
    const { lines, macs } = chain(1, 2, FIRST_MAC);
    const foreign = chain(3, 2, macs[1] ?? '', new Uint8Array(32));
    const text = [...lines, ...foreign.lines].join('');
    put(1, `${text}no record\n`);
    const place = { seq: 2, mac: macs[1], end: text.length + 10, authentic: true };
    expect(await end()).toEqual({ ...unnoted, ...place });
    // Where nothing is authentic, the last number that fits into the file.
    const outside = chain(SEGMENT_RECORDS + 1, 1, MAC, new Uint8Array(32)).lines;
    put(1, [...foreign.lines, ...outside].join(''));
    expect(await end()).toMatchObject({ seq: 4, mac: foreign.macs[1], authentic: false });
    put(1, [...foreign.lines.toReversed()].join(''));
    expect(await end()).toMatchObject({ seq: 4, mac: foreign.macs[1], authentic: false });
  });

  it('is followed from the last line of the file before', async () => {
    const { put, end } = bench();
    const next = chain(SEGMENT_RECORDS + 1, 2, last.macs[2] ?? '');
    put(1, `${last.lines.join('')}{"seq":1`);
    put(SEGMENT_RECORDS + 1, next.lines.join(''));
    const reached = { seq: SEGMENT_RECORDS + 2, mac: next.macs[1], end: sizeOf(next.lines), authentic: true };
    expect(await end()).toEqual({ ...unnoted, ...reached });
    put(1, last.lines.slice(0, 2).join(''));
    expect(await end()).toMatchObject({ seq: SEGMENT_RECORDS + 2, authentic: true });
    put(SEGMENT_RECORDS + 1, next.lines.slice(0, 1).join(''));
    expect(await end()).toMatchObject({ seq: SEGMENT_RECORDS + 1, authentic: false });
  });

  it('is the beginning of the next file where the last one is full', async () => {
    const { put, end } = bench();
    put(1, last.lines.join(''));
    expect(await end()).toMatchObject({ seq: SEGMENT_RECORDS, mac: last.macs[2], end: 0, authentic: true });
  });
});
