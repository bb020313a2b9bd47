/** Accepting a gap: the way back to a trail that verifies, and what is left of what was before. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyArchive } from '../../../src/core/node/audit-archive-note.ts';
import { shellActor } from '../../../src/core/roles.ts';
import {
  AUDIT_KEY,
  auditBench,
  denied,
  FILE_ENGINES,
  filesIn,
  firstSegment,
  linesIn,
  numbered,
  numbersOf,
  putLines,
  recordsOf,
  START,
  type TrailBench,
  upTo,
} from './audit-trail.ts';

const DAY = 86_400_000;
const actor = shellActor('root');
const accept = (bench: TrailBench) => bench.trail.acceptGap({ actor });
const archive = (bench: TrailBench) =>
  bench.trail.archive({ actor, before: START + DAY, folder: join(bench.folder, '..', 'archive') });
const brokenFolders = (bench: TrailBench) => filesIn(bench.folder).filter((name) => name.startsWith('broken-'));

/** Each leaves a trail that does not verify, of records 1 to 9; the number of the first broken one. */
const DAMAGES: Readonly<Record<string, (bench: TrailBench) => number>> = {
  'the folder was removed': ({ folder }) => {
    rmSync(folder, { recursive: true });
    return 1;
  },
  'the file was removed': ({ folder }) => {
    rmSync(firstSegment(folder));
    return 1;
  },
  'file and end were removed': ({ folder }) => {
    rmSync(firstSegment(folder));
    rmSync(join(folder, 'end'));
    return 1;
  },
  'the first records were removed': ({ folder }) => {
    putLines(folder, linesIn(folder).slice(2));
    return 1;
  },
  'a record was removed': ({ folder }) => {
    putLines(folder, linesIn(folder).toSpliced(4, 1));
    return 5;
  },
  'a record was changed': ({ folder }) => {
    putLines(folder, linesIn(folder).with(4, (linesIn(folder)[4] ?? '').replace('alice', 'alicf')));
    return 5;
  },
  'the last records were cut off': ({ folder }) => {
    putLines(folder, linesIn(folder).slice(0, 6));
    return 7;
  },
  'a line was put in': ({ folder }) => {
    putLines(folder, linesIn(folder).toSpliced(4, 0, 'nonsense'));
    return 5;
  },
};

describe.each(FILE_ENGINES)('a gap in the trail of %s', (engine) => {
  it.each(Object.entries(DAMAGES))('is accepted where %s, and the next break is seen', async (_, damage) => {
    const bench = await auditBench(engine);
    await bench.drained(9);
    const firstBroken = damage(bench);
    expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken });
    const before = existsSync(firstSegment(bench.folder)) ? readFileSync(firstSegment(bench.folder)) : undefined;
    const { broken, through, folder } = await accept(bench);
    expect({ broken, hasFolder: folder !== undefined }).toEqual({
      broken: firstBroken,
      hasFolder: before !== undefined,
    });
    if (folder !== undefined) expect(readFileSync(join(folder, 'audit-000000000001.jsonl'))).toEqual(before);
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    expect((await recordsOf(bench.trail)).at(-1)).toMatchObject({
      event: 'audit.gap-accepted',
      actor: 'os:root',
      detail: `broken=${firstBroken} through=${through}`,
    });
    await bench.drained(3);
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 13 - through });
    expect(await numbersOf(bench.trail)).toEqual(upTo(13, through + 1));
    await expect(accept(bench)).rejects.toMatchObject({ code: 'usage' });
    putLines(bench.folder, linesIn(bench.folder).slice(1));
    expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: through + 1 });
  });

  it('is accepted where records were written behind it', async () => {
    const bench = await auditBench(engine);
    await bench.drained(9);
    rmSync(bench.folder, { recursive: true });
    await bench.drained(5);
    await bench.record(2);
    expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: 1 });
    // Nobody vouches for what record 10 says.
    expect(await accept(bench)).toMatchObject({ broken: 1, through: 10 });
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 7 });
  });

  it('is closed by the next call where the first one was killed before it moved anything', async () => {
    const bench = await auditBench(engine);
    await bench.drained(9);
    putLines(bench.folder, linesIn(bench.folder).toSpliced(4, 1));
    const content = readFileSync(firstSegment(bench.folder));
    const end = readFileSync(join(bench.folder, 'end'));
    await accept(bench);
    const [left = ''] = brokenFolders(bench);
    rmSync(join(bench.folder, left), { recursive: true });
    writeFileSync(firstSegment(bench.folder), content, { mode: 0o600 });
    writeFileSync(join(bench.folder, 'end'), end, { mode: 0o600 });
    expect(await bench.trail.verify()).toMatchObject({ ok: false });
    expect(await accept(bench)).toMatchObject({ through: 6 });
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 4 });
    expect((await recordsOf(bench.trail)).filter(({ event }) => event === 'audit.gap-accepted').length).toBe(1);
  });

  it('is refused where there is none, where a side file is broken, and by a database that is older', async () => {
    const bench = await auditBench(engine);
    await bench.drained(3);
    await expect(accept(bench)).rejects.toMatchObject({ code: 'usage' });
    const junk = join(bench.folder, `side-${'0'.repeat(16)}.jsonl`);
    writeFileSync(junk, 'nonsense\n', { mode: 0o600 });
    await expect(accept(bench)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('side:') });
    rmSync(`${junk}.broken`);
    const heads = await bench.engine.read((tx) => tx.all("SELECT seq, mac, seal FROM audit_heads WHERE chain = ''"));
    await bench.drained(2);
    const [{ seq, mac, seal } = {}] = heads;
    await bench.sql(`UPDATE audit_heads SET seq = ${seq}, mac = '${mac}', seal = '${seal}' WHERE chain = ''`);
    await expect(accept(bench)).rejects.toMatchObject({ code: 'busy' });
    expect(brokenFolders(bench)).toEqual([]);
  });

  it('is refused where nothing is sealed, and where a file lies there that is not of this trail', async () => {
    const bench = await auditBench(engine);
    await bench.drained(9);
    putLines(bench.folder, linesIn(bench.folder).toSpliced(4, 1));
    const foreign = join(bench.folder, 'audit-000000010001.jsonl');
    writeFileSync(foreign, '', { mode: 0o600 });
    await expect(accept(bench)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining(foreign) });
    rmSync(foreign);
    await bench.sql("UPDATE audit_heads SET seal = 'made up' WHERE chain = ''");
    await expect(accept(bench)).rejects.toMatchObject({ code: 'busy' });
    expect(brokenFolders(bench)).toEqual([]);
  });

  it('in an earlier file leaves the later files as they are, and they are archived as ever', async () => {
    const bench = await auditBench(engine);
    await bench.drained(10_000);
    await bench.drained(10_000);
    bench.setNow(START + 9 * DAY);
    await bench.drained(10);
    putLines(bench.folder, linesIn(bench.folder).toSpliced(99, 1));
    expect(await accept(bench)).toMatchObject({ broken: 100, through: 101 });
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 20_011 - 101 });
    expect(await archive(bench)).toMatchObject({ records: 20_000 - 101, through: 20_000 });
    expect(await verifyArchive(join(bench.folder, '..', 'archive'), { key: AUDIT_KEY })).toMatchObject({ ok: true });
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
  });
});

describe('audit archive behind a gap', () => {
  it('says what is wrong, and not that nothing is old', async () => {
    const bench = await auditBench();
    await bench.drained(9);
    bench.setNow(START + 9 * DAY);
    rmSync(bench.folder, { recursive: true });
    await expect(archive(bench)).rejects.toMatchObject({ code: 'bad-data' });
    mkdirSync(bench.folder, { mode: 0o700 });
    await expect(archive(bench)).rejects.toMatchObject({ code: 'bad-data' });
    await bench.drained(1);
    await expect(archive(bench)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('Record 1 '),
    });
    await accept(bench);
    await bench.trail.append(denied('a'));
    await bench.trail.append(numbered(1));
    expect(await archive(bench)).toMatchObject({ records: 0 });
  });
});
