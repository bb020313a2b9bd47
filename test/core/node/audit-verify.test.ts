/**
 * Attacks on the audit trail, and what `audit verify` says of each. Nothing of the records is left in the database
 * but where they end.
 */
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseExpected } from '../../../src/core/node/audit-verdict.ts';
import fc from '../../support/properties.ts';
import {
  auditBench,
  denied,
  FILE_ENGINES,
  firstSegment,
  linesIn,
  numbered,
  putLines,
  type TrailBench,
} from './audit-trail.ts';

const COUNT = 8;
const whole = (records: number) => ({ ok: true, records, firstBroken: null });
const broken = (number: number) => ({ ok: false, records: number - 1, firstBroken: number });

async function drainedBench(count = COUNT, engine: (typeof FILE_ENGINES)[number] = 'sqlite'): Promise<TrailBench> {
  const bench = await auditBench(engine);
  await bench.drained(count);
  return bench;
}

/** The verdict stays, whatever is written afterwards. */
async function expectBroken(bench: TrailBench, number: number): Promise<void> {
  expect(await bench.trail.verify()).toMatchObject(broken(number));
  await bench.trail.append(denied('later'));
  expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: number });
  await bench.trail.drain().catch(() => undefined);
  expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: number });
}

function copyFolder(folder: string): void {
  cpSync(folder, `${folder}.old`, { recursive: true });
  chmodSync(`${folder}.old`, 0o700);
}

describe.each(FILE_ENGINES)('audit verify with %s', (engine) => {
  it('says that a trail is whole, wherever its records are', async () => {
    const bench = await auditBench(engine);
    expect(await bench.trail.verify()).toEqual({ ...whole(0), end: '0:' });
    await bench.record(3);
    expect(await bench.trail.verify()).toMatchObject(whole(3));
    await bench.trail.drain();
    expect(await bench.trail.verify()).toMatchObject(whole(3));
    await bench.record(2);
    expect(await bench.trail.verify()).toMatchObject(whole(5));
    await bench.drained(1);
    expect(await bench.trail.verify()).toMatchObject(whole(6));
  });

  it('finds out that the whole folder was removed', async () => {
    const bench = await drainedBench(COUNT, engine);
    rmSync(bench.folder, { recursive: true });
    await expectBroken(bench, 1);
  });

  it('finds out that a file of the trail was removed, the last one too', async () => {
    for (const [name, first] of [
      ['audit-000000000001.jsonl', 1],
      ['audit-000000010001.jsonl', 10_001],
    ] as const) {
      const bench = await drainedBench(10_005, engine);
      rmSync(join(bench.folder, name));
      await expectBroken(bench, first);
    }
  });

  it('finds out that the end was cut off, with the newer half of its note blanked as well', async () => {
    for (const count of [COUNT, COUNT + 1]) {
      for (const blank of ['nothing', 'newer', 'both', 'removed']) {
        const bench = await auditBench(engine);
        for (let number = 1; number <= count; number += 1) await bench.drained(1);
        putLines(bench.folder, linesIn(bench.folder).slice(0, -1));
        const path = join(bench.folder, 'end');
        const note = readFileSync(path);
        if (blank === 'newer') writeFileSync(path, note.fill(0, (count % 2) * 256, (count % 2) * 256 + 256));
        if (blank === 'both') writeFileSync(path, note.fill(0));
        if (blank === 'removed') rmSync(path);
        await expectBroken(bench, count);
      }
    }
  });

  it('finds out that an older copy of the folder was put back', async () => {
    const bench = await drainedBench(4, engine);
    copyFolder(bench.folder);
    await bench.drained(3);
    rmSync(bench.folder, { recursive: true });
    renameSync(`${bench.folder}.old`, bench.folder);
    await expectBroken(bench, 5);
  });

  it('finds out that the note of the end is not needed where all records are there', async () => {
    const bench = await drainedBench(4, engine);
    rmSync(join(bench.folder, 'end'));
    expect(await bench.trail.verify()).toMatchObject(whole(4));
    await bench.drained(1);
    expect(await bench.trail.verify()).toMatchObject(whole(5));
  });

  it('finds out that the end in the database was removed or moved by somebody without the key', async () => {
    for (const statement of [
      "DELETE FROM audit_heads WHERE chain = ''",
      "UPDATE audit_heads SET seq = 7 WHERE chain = ''",
      "UPDATE audit_heads SET seal = mac WHERE chain = ''",
    ]) {
      const bench = await drainedBench(COUNT, engine);
      await bench.sql(statement);
      expect(await bench.trail.verify()).toMatchObject({ ok: false });
    }
    const unread = await auditBench(engine);
    await unread.record(3);
    await unread.sql("DELETE FROM audit_heads WHERE chain = ''");
    expect(await unread.trail.verify()).toMatchObject(broken(4));
    await unread.trail.append(denied('later'));
    expect(await unread.trail.verify()).toMatchObject({ ok: false });
    expect((await unread.trail.read().next()).value).toMatchObject({ seq: 1 });
  });

  it('finds out that nothing is left, neither in the files nor in the database, where people are', async () => {
    const bench = await drainedBench(3, engine);
    await bench.sql(
      `INSERT INTO users (id, name, name_key, display, group_name, role, disabled, must_change_password, two_factor, created_at, edit_version)
        VALUES ('u', 'u', 'u', '', '', 'user', 0, 0, 'off', 0, 1)`,
      'DELETE FROM audit_heads',
    );
    rmSync(bench.folder, { recursive: true });
    expect(await bench.trail.verify()).toMatchObject(broken(1));
  });

  it('finds rows that were changed, removed or moved before they were drained', async () => {
    for (const [statement, first] of [
      [`UPDATE audit_records SET line = REPLACE(line, '"alice"', '"mallory"') WHERE seq = 6`, 6],
      ['DELETE FROM audit_records WHERE seq = 6', 6],
      ['DELETE FROM audit_records WHERE seq >= 7', 7],
      ['DELETE FROM audit_records', 5],
    ] as const) {
      const bench = await drainedBench(4, engine);
      await bench.record(4);
      await bench.sql(statement);
      expect(await bench.trail.verify()).toMatchObject(broken(first));
      await bench.trail.append(denied('later'));
      expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: first });
    }
  });

  it('has no verdict without the database', async () => {
    const bench = await drainedBench(3, engine);
    const away = await bench.open({ engine: { ...bench.engine, read: () => Promise.reject(new Error('away')) } });
    await expect(away.verify()).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching('without its database'),
    });
  });

  it('compares with what was noted elsewhere', async () => {
    const bench = await auditBench(engine);
    await bench.drained(3);
    const noted = (await bench.trail.verify()).end;
    expect(noted).toMatch(/^3:[\w-]{43}$/);
    expect(await bench.trail.noteOfEnd()).toBe(noted);
    const expected = parseExpected(noted) ?? [];
    expect(await bench.trail.verify(expected)).toMatchObject(whole(3));
    await bench.record(2);
    expect(await bench.trail.verify(expected)).toMatchObject(whole(5));
    expect(await bench.trail.verify(parseExpected(`3:${'x'.repeat(43)}`))).toMatchObject(broken(3));
    expect(await bench.trail.verify(parseExpected(`6:${'x'.repeat(43)}`))).toMatchObject(broken(6));
    expect(parseExpected('3')).toBeUndefined();
    expect(parseExpected('')).toBeUndefined();
  });

  it('needs what was noted elsewhere to see that database and folder were both put back', async () => {
    const bench = await auditBench(engine);
    await bench.drained(3);
    const heads = await bench.engine.read((tx) => tx.all('SELECT seq, mac, seal FROM audit_heads'));
    copyFolder(bench.folder);
    await bench.drained(2);
    const noted = parseExpected((await bench.trail.verify()).end) ?? [];
    rmSync(bench.folder, { recursive: true });
    renameSync(`${bench.folder}.old`, bench.folder);
    const [{ seq, mac, seal } = {}] = heads;
    await bench.sql(`UPDATE audit_heads SET seq = ${seq}, mac = '${mac}', seal = '${seal}'`);
    expect(await bench.trail.verify()).toMatchObject(whole(3));
    expect(await bench.trail.verify(noted)).toMatchObject(broken(4));
    await bench.record(3);
    expect(await bench.trail.verify()).toMatchObject(whole(6));
    expect(await bench.trail.verify(noted)).toMatchObject(broken(5));
  });
});

describe('audit verify', () => {
  it('names the record in which any one bit was changed', async () => {
    const bench = await drainedBench(3);
    const bytes = readFileSync(firstSegment(bench.folder));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (index, bit) => {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        writeFileSync(firstSegment(bench.folder), changed);
        const record = bytes.subarray(0, index).toString('latin1').split('\n').length;
        expect(await bench.trail.verify()).toMatchObject(broken(record));
      }),
    );
  });

  it('names the first record that was removed, put in or moved', async () => {
    const bench = await drainedBench();
    const lines = linesIn(bench.folder);
    const place = fc.nat(COUNT - 1);
    await fc.assert(
      fc.asyncProperty(place, place, fc.constantFrom('removed', 'twice', 'swapped'), async (at, other, what) => {
        fc.pre(what !== 'swapped' || at !== other);
        const swapped = lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '');
        const changed = { removed: lines.toSpliced(at, 1), twice: lines.toSpliced(at, 0, lines[at] ?? ''), swapped }[
          what
        ];
        const first = { removed: at + 1, twice: at + 2, swapped: Math.min(at, other) + 1 }[what];
        putLines(bench.folder, changed);
        expect(await bench.trail.verify()).toMatchObject(broken(first));
      }),
    );
  });

  it('names the first record that was cut off, wherever the file ends now', async () => {
    const bench = await drainedBench(4);
    const bytes = readFileSync(firstSegment(bench.folder));
    const note = readFileSync(join(bench.folder, 'end'));
    for (let length = 0; length < bytes.length; length += 37) {
      writeFileSync(firstSegment(bench.folder), bytes.subarray(0, length));
      writeFileSync(join(bench.folder, 'end'), note);
      const cut = bytes.subarray(0, length).toString('latin1').split('\n').length;
      expect(await bench.trail.verify()).toMatchObject(broken(cut));
      await bench.trail.append(numbered(5));
      await bench.trail.drain();
      expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: cut });
    }
  });

  it('does not say that a trail is whole under another key', async () => {
    const bench = await drainedBench(3);
    const { openAuditTrail } = await import('../../../src/core/node/audit-trail.ts');
    const other = await openAuditTrail({
      config: bench.config,
      key: new Uint8Array(32),
      clock: { now: () => 0 },
      engine: bench.engine,
    });
    expect(await other.verify()).toMatchObject(broken(1));
  });

  it('says the truth while others write, drain and delete', async () => {
    const bench = await drainedBench(100);
    const writer = await bench.open({ engine: await bench.another() });
    let done = false;
    const writing = (async () => {
      for (let number = 0; number < 60; number += 1) {
        await writer.append(numbered(number));
        if (number % 3 === 0) await writer.drain();
      }
      done = true;
    })();
    let verdicts = 0;
    while (!done) {
      expect(await bench.trail.verify()).toMatchObject({ ok: true });
      verdicts += 1;
    }
    await writing;
    expect(verdicts).toBeGreaterThan(1);
    expect(await bench.trail.verify()).toMatchObject(whole(160));
  });
});
