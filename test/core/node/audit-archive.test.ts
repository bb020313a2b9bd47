/** Archiving: what is moved, what the trail says afterwards, and what becomes of it when it is killed. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyArchive } from '../../../src/core/node/audit-archive-note.ts';
import { parseExpected } from '../../../src/core/node/audit-verdict.ts';
import { shellActor } from '../../../src/core/roles.ts';
import {
  AUDIT_KEY,
  auditBench,
  type BenchSettings,
  FILE_ENGINES,
  filesIn,
  numbered,
  numbersOf,
  recordsOf,
  START,
  type TrailBench,
  upTo,
} from './audit-trail.ts';

const DAY = 86_400_000;
const [FIRST, SECOND, THIRD] = ['audit-000000000001.jsonl', 'audit-000000010001.jsonl', 'audit-000000020001.jsonl'];
const whole = (records: number) => ({ ok: true, records, firstBroken: null });

/** What the files hold from here on. */
const BASE = 9_900;
const KEPT = 10_000 - BASE;
const ALL = KEPT + 110;

/** Two files: of the first day, and begun on the second. */
async function twoFiles(engine: (typeof FILE_ENGINES)[number] = 'sqlite', audit: BenchSettings = {}) {
  const bench = await auditBench(engine, { archived: BASE, ...audit });
  await bench.drained(KEPT);
  bench.setNow(START + DAY);
  await bench.drained(ALL - KEPT);
  return archiving(bench);
}

/** Three files: of the first day, of the second, and begun on the third. */
async function threeFiles() {
  const bench = await auditBench('sqlite', { archived: BASE });
  await bench.drained(KEPT);
  bench.setNow(START + DAY);
  await bench.drained(10_000);
  bench.setNow(START + 2 * DAY);
  await bench.drained(10);
  return archiving(bench);
}

function archiving(bench: TrailBench) {
  const archive = join(bench.folder, '..', 'archive');
  const run = (before: number, trail = bench.trail, folder = archive) =>
    trail.archive({ actor: shellActor('root'), before, folder });
  return { bench, archive, run };
}

describe.each(FILE_ENGINES)('audit archive with %s', (engine) => {
  it('moves a whole file whose records are all older, never the newest, and the trail is whole', async () => {
    const { bench, archive, run } = await twoFiles(engine);
    const note = (await bench.trail.verify()).end;
    expect(await run(START)).toEqual({ records: 0, through: undefined });
    expect(await run(START + DAY)).toEqual({ records: KEPT, through: 10_000 });
    expect(filesIn(bench.folder)).toContain(SECOND);
    expect(existsSync(join(bench.folder, FIRST))).toBe(false);
    expect(statSync(archive).mode & 0o777).toBe(0o700);
    expect((await recordsOf(bench.trail, { limit: 1 }))[0]).toMatchObject({
      event: 'audit.archived',
      actor: 'os:root',
      detail: expect.stringMatching(/^through=10000:[\w-]{43}$/),
      count: KEPT,
    });
    const left = ALL - KEPT + 1;
    expect(await numbersOf(bench.trail)).toEqual(upTo(10_000 + left, 10_001));
    expect(await bench.trail.verify()).toMatchObject(whole(left));
    expect(await bench.trail.verify(parseExpected(note))).toMatchObject(whole(left));
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toEqual(whole(KEPT));
    // The newest one stays, whatever the date.
    expect(await run(START + 3 * DAY).catch(({ code }) => code)).toBe('usage');
    bench.setNow(START + 9 * DAY);
    expect(await run(START + 8 * DAY)).toEqual({ records: 0, through: undefined });
    await bench.drained(3);
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
  });

  it('finishes where it was killed, after any of its steps', async () => {
    const { bench, archive, run } = await twoFiles(engine);
    const bytes = readFileSync(join(bench.folder, FIRST));
    // Killed behind the copy, and before the transaction: by a database that is away.
    const away = await bench.open({ engine: { ...bench.engine, write: () => Promise.reject(new Error('away')) } });
    await expect(run(START + DAY, away)).rejects.toThrow();
    expect(readdirSync(archive).length).toBe(2);
    expect(await bench.trail.verify()).toMatchObject(whole(ALL));
    expect(await run(START + DAY)).toMatchObject({ through: 10_000 });
    // Killed behind the transaction, before the file was removed.
    writeFileSync(join(bench.folder, FIRST), bytes, { mode: 0o600 });
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    await expect(run(START + DAY, bench.trail, `${archive}-2`)).rejects.toMatchObject({ code: 'exists' });
    expect(await run(START + DAY)).toEqual({ records: 0, through: undefined });
    expect(existsSync(join(bench.folder, FIRST))).toBe(false);
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    // Half a copy.
    const { bench: other, archive: half, run: again } = await twoFiles(engine);
    mkdirSync(half, { mode: 0o700 });
    writeFileSync(join(half, `${FIRST}.new`), 'half', { mode: 0o600 });
    expect(await again(START + DAY)).toMatchObject({ through: 10_000 });
    expect(await other.trail.verify()).toMatchObject({ ok: true });
  });

  it('overwrites nothing, and removes nothing that is not in the archive', async () => {
    const { bench, archive, run } = await twoFiles(engine);
    mkdirSync(archive, { mode: 0o700 });
    writeFileSync(join(archive, FIRST), 'something else', { mode: 0o600 });
    await expect(run(START + DAY)).rejects.toMatchObject({ code: 'exists' });
    expect(readFileSync(join(archive, FIRST), 'utf8')).toBe('something else');
    renameSync(join(archive, FIRST), join(archive, 'elsewhere'));
    symlinkSync(join(archive, 'elsewhere'), join(archive, FIRST));
    await expect(run(START + DAY)).rejects.toMatchObject({ code: 'file-refused' });
    expect(readFileSync(join(archive, 'elsewhere'), 'utf8')).toBe('something else');
    expect(await bench.trail.verify()).toMatchObject(whole(ALL));
    await expect(run(START + DAY, bench.trail, bench.folder)).rejects.toMatchObject({ code: 'usage' });
  });

  it('goes on with a full queue, and is recorded', async () => {
    const { bench, run } = await twoFiles(engine, { queueMax: 100 });
    rmSync(join(bench.folder, 'lock'));
    mkdirSync(join(bench.folder, 'lock'), { mode: 0o700 });
    await bench.record(100);
    await expect(bench.trail.drain()).rejects.toMatchObject({ code: 'file-refused' });
    await expect(bench.trail.append(numbered(1))).rejects.toMatchObject({ code: 'busy' });
    expect(await run(START + DAY)).toMatchObject({ through: 10_000 });
    expect((await recordsOf(bench.trail, { limit: 1 }))[0]).toMatchObject({ event: 'audit.archived' });
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
  });

  it('archives nothing that is not whole', async () => {
    const { bench, archive, run } = await twoFiles(engine);
    const path = join(bench.folder, FIRST);
    writeFileSync(path, readFileSync(path, 'latin1').replace('"count":9977,', '"count":9978,'));
    await expect(run(START + DAY)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching('Record 9977'),
    });
    expect(readdirSync(archive)).toEqual([]);
  });
});

describe('audit archive', () => {
  it('moves several files, one after the other or at once, and stops before a record that is not older', async () => {
    const { bench, archive, run } = await threeFiles();
    expect(await run(START + DAY)).toEqual({ records: KEPT, through: 10_000 });
    expect(filesIn(bench.folder)).toEqual(expect.arrayContaining([SECOND, THIRD]));
    bench.setNow(START + 9 * DAY);
    expect(await run(START + 8 * DAY)).toEqual({ records: 10_000, through: 20_000 });
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toEqual(whole(10_000 + KEPT));
    const { bench: other, archive: both, run: runOther } = await threeFiles();
    other.setNow(START + 9 * DAY);
    expect(await runOther(START + 8 * DAY)).toEqual({ records: 10_000 + KEPT, through: 20_000 });
    expect(await verifyArchive(both, { key: AUDIT_KEY })).toEqual(whole(10_000 + KEPT));
  });

  it('leaves the days of Audit.KeepDays where they are', async () => {
    const { bench, run } = await twoFiles('sqlite', { keepDays: 30 });
    bench.setNow(START + 31 * DAY);
    await expect(run(START + 2 * DAY)).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching('KeepDays'),
    });
    expect(await run(START + DAY)).toMatchObject({ through: 10_000 });
  });

  it('is believed by the key alone: neither a base nor a note that somebody else made', async () => {
    const { bench, archive, run } = await twoFiles();
    await run(START + DAY);
    const heads = await bench.engine.read((tx) => tx.all("SELECT seq, mac, seal FROM audit_heads WHERE chain = ''"));
    const [{ seq, mac, seal } = {}] = heads;
    await bench.sql(`UPDATE audit_heads SET seq = ${seq}, mac = '${mac}', seal = '${seal}' WHERE chain = 'base:'`);
    expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: 1 });
    const [name = ''] = readdirSync(archive).filter((one) => one.endsWith('.json'));
    const note = readFileSync(join(archive, name), 'utf8');
    writeFileSync(join(archive, name), note.replace('"seq": 10000', '"seq": 9999'));
    await expect(verifyArchive(archive, { key: AUDIT_KEY })).rejects.toMatchObject({ code: 'bad-data' });
    writeFileSync(join(archive, name), note);
    await expect(verifyArchive(archive, { key: new Uint8Array(32) })).rejects.toMatchObject({ code: 'bad-data' });
  });

  it('removed by hand is a gap', async () => {
    const { bench } = await twoFiles();
    rmSync(join(bench.folder, FIRST));
    expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: BASE + 1 });
  });

  it('is compared with what was noted elsewhere, in the archive', async () => {
    const { bench, archive, run } = await twoFiles();
    const noted = await notedAt(bench, 9_950);
    await run(START + DAY);
    await expect(bench.trail.verify(noted)).rejects.toMatchObject({ code: 'not-found' });
    expect(await verifyArchive(archive, { key: AUDIT_KEY, expected: noted })).toEqual(whole(KEPT));
    const other = [{ chain: '', seq: 9_950, mac: 'x'.repeat(43) }];
    expect(await verifyArchive(archive, { key: AUDIT_KEY, expected: other })).toMatchObject({
      ok: false,
      firstBroken: 9_950,
    });
    const beyond = [{ chain: '', seq: 15_000, mac: 'x'.repeat(43) }];
    await expect(verifyArchive(archive, { key: AUDIT_KEY, expected: beyond })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('says which record of an archive was changed, removed or cut off', async () => {
    const { archive, run } = await twoFiles();
    await run(START + DAY);
    const path = join(archive, FIRST);
    const lines = readFileSync(path, 'latin1').split('\n');
    const put = (changed: readonly string[]) => writeFileSync(path, changed.join('\n'));
    put(lines.with(41, (lines[41] ?? '').replace('alice', 'mallory')));
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toMatchObject({
      ok: false,
      records: 41,
      firstBroken: 9_942,
    });
    put(lines.toSpliced(59, 1));
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toMatchObject({ ok: false, firstBroken: 9_960 });
    put([...lines.slice(0, 90), '']);
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toMatchObject({ ok: false, firstBroken: 9_991 });
    put([...lines.slice(0, -1), 'behind the last one', '']);
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toMatchObject({ ok: false, firstBroken: 10_001 });
    put(lines);
    writeFileSync(join(archive, 'archive-of-what.txt'), '');
    writeFileSync(join(archive, 'other.json'), '');
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toEqual(whole(KEPT));
    renameSync(path, `${path}.away`);
    expect(await verifyArchive(archive, { key: AUDIT_KEY })).toMatchObject({ ok: false, firstBroken: BASE + 1 });
    symlinkSync(`${path}.away`, path);
    await expect(verifyArchive(archive, { key: AUDIT_KEY })).rejects.toMatchObject({ code: 'file-refused' });
    mkdirSync(join(archive, 'empty'), { mode: 0o700 });
    await expect(verifyArchive(join(archive, 'empty'), { key: AUDIT_KEY })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

/** What `audit verify` printed when that was the last record. */
async function notedAt(bench: TrailBench, seq: number) {
  const lines = readFileSync(join(bench.folder, FIRST), 'latin1').split('\n');
  const mac = /"mac":"([\w-]{43})"/.exec(lines[seq - BASE - 1] ?? '')?.[1] ?? '';
  return parseExpected(`${seq}:${mac}`) ?? [];
}
