import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyAuditTrail } from '../../../src/core/node/audit-verify.ts';
import {
  AUDIT_KEY,
  auditFolder,
  auditIn,
  firstSegment,
  linesIn,
  numbered,
  putLines,
  recordsOf,
  trailOf,
} from './audit-trail.ts';

const verify = (folder: string) => verifyAuditTrail(folder, AUDIT_KEY);
const broken = (number: number) => ({ ok: false, records: number - 1, firstBroken: number });
const COUNT = 8;

describe('audit verify', () => {
  it('says that a trail holds, as long as it is', async () => {
    for (const count of [1, 2, 3, COUNT]) {
      expect(await verify(await trailOf(count))).toEqual({ ok: true, records: count, firstBroken: null });
    }
  });

  it('says that a trail which was not begun holds nothing', async () => {
    expect(await verify(auditFolder())).toEqual({ ok: true, records: 0, firstBroken: null });
    expect(await verify(join(auditFolder(), 'missing'))).toEqual({ ok: true, records: 0, firstBroken: null });
  });

  it('names the record in which any one bit was changed', async () => {
    const folder = await trailOf(3);
    const bytes = readFileSync(firstSegment(folder));
    let record = 1;
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
      writeFileSync(firstSegment(folder), changed);
      expect(await verify(folder)).toEqual(broken(record));
      if (bytes[index] === 0x0a) record += 1;
    }
  });

  it('names the first record that was removed, wherever it was', async () => {
    const folder = await trailOf(COUNT);
    const lines = linesIn(folder);
    for (let number = 1; number <= COUNT; number += 1) {
      putLines(folder, lines.toSpliced(number - 1, 1));
      expect(await verify(folder)).toEqual(broken(number));
    }
  });

  it('names the first record of any two that changed places', async () => {
    const folder = await trailOf(COUNT);
    const lines = linesIn(folder);
    for (let first = 1; first <= COUNT; first += 1) {
      for (let second = first + 1; second <= COUNT; second += 1) {
        const moved = [...lines];
        [moved[first - 1], moved[second - 1]] = [lines[second - 1] ?? '', lines[first - 1] ?? ''];
        putLines(folder, moved);
        expect(await verify(folder)).toEqual(broken(first));
      }
    }
  });

  it('names the place where a record was put in: its own copy, or one of another trail', async () => {
    const folder = await trailOf(COUNT);
    const lines = linesIn(folder);
    const foreign = linesIn(await trailOf(COUNT));
    for (let number = 1; number <= COUNT; number += 1) {
      putLines(folder, lines.toSpliced(number, 0, lines[number - 1] ?? ''));
      expect(await verify(folder)).toEqual(broken(number + 1));
      putLines(folder, lines.toSpliced(number, 0, foreign[number] ?? foreign[0] ?? ''));
      // The trails are alike up to their clocks: what was put in is the next record, and the one after it is one too many.
      expect((await verify(folder)).ok).toBe(false);
    }
  });

  it('names the first record that was cut off, wherever the file ends now, and still after others were appended', async () => {
    const whole = await trailOf(4);
    const bytes = readFileSync(firstSegment(whole));
    const head = readFileSync(join(whole, 'head'));
    for (let length = 0; length < bytes.length; length += 7) {
      const folder = auditFolder();
      writeFileSync(firstSegment(folder), bytes.subarray(0, length), { mode: 0o600 });
      writeFileSync(join(folder, 'head'), head, { mode: 0o600 });
      const cut = broken(bytes.subarray(0, length).toString('latin1').split('\n').length);
      expect(await verify(folder)).toEqual(cut);
      await auditIn(folder).append(numbered(5));
      await auditIn(folder).append(numbered(6));
      expect(await verify(folder)).toEqual(cut);
      expect((await recordsOf(folder)).slice(-2).map(({ seq }) => seq)).toEqual([5, 6]);
    }
  });

  it('names the first record when the whole file is gone, and still after others were appended', async () => {
    const folder = await trailOf(4);
    rmSync(firstSegment(folder));
    expect(await verify(folder)).toEqual(broken(1));
    await auditIn(folder).append(numbered(5));
    expect(await verify(folder)).toEqual(broken(1));
  });

  it('does not vouch for the end of a trail whose head is gone or forged, and still not after others were appended', async () => {
    for (const forge of [
      (path: string) => rmSync(path),
      (path: string) => truncateSync(path, 0),
      (path: string) => writeFileSync(path, '{"seq":3,"mac":"","end":0,"seal":""}'),
      (path: string) => writeFileSync(path, Buffer.alloc(512, 0xff)),
    ]) {
      const folder = await trailOf(4);
      putLines(folder, linesIn(folder).slice(0, 3));
      forge(join(folder, 'head'));
      expect(await verify(folder)).toEqual(broken(4));
      await auditIn(folder).append(numbered(5));
      await auditIn(folder).append(numbered(6));
      expect(await verify(folder)).toEqual(broken(4));
      expect((await recordsOf(folder)).map(({ found }) => found)).toEqual([
        undefined,
        undefined,
        undefined,
        'head-lost',
        undefined,
      ]);
    }
  });

  it('holds when one slot of the head was torn by a power cut', async () => {
    for (const count of [4, 5]) {
      const folder = await trailOf(count);
      const head = readFileSync(join(folder, 'head'));
      for (const slot of [0, 256]) {
        const torn = Buffer.from(head);
        torn.fill(0, slot + 20, slot + 256);
        writeFileSync(join(folder, 'head'), torn);
        expect(await verify(folder)).toEqual({ ok: true, records: count, firstBroken: null });
        await auditIn(folder).append(numbered(9));
        expect(await verify(folder)).toEqual({ ok: true, records: count + 1, firstBroken: null });
        writeFileSync(join(folder, 'head'), head);
        writeFileSync(firstSegment(folder), `${linesIn(folder).slice(0, count).join('\n')}\n`);
      }
    }
  });

  it('does not hold under another key', async () => {
    expect(await verifyAuditTrail(await trailOf(3), new Uint8Array(32))).toEqual(broken(1));
  });
});
