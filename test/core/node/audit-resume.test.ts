/** The trail in a database that takes over from another one. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resumeTrail } from '../../../src/core/node/audit-resume.ts';
import { databaseTrail } from '../../../src/core/node/audit-verify.ts';
import { shellActor } from '../../../src/core/roles.ts';
import {
  AUDIT_KEY,
  auditBench,
  FILE_ENGINES,
  numbered,
  numbersOf,
  START,
  type TrailBench,
  upTo,
} from './audit-trail.ts';

const whole = (records: number) => ({ ok: true, records, firstBroken: null });

/** Everything of the trail in the database, as a backup has it. */
async function content({ engine }: TrailBench) {
  const rows = await engine.read((tx) => tx.all('SELECT chain, seq, at, line FROM audit_records'));
  const heads = await engine.read((tx) => tx.all('SELECT chain, seq, mac, seal FROM audit_heads'));
  return { rows, heads };
}

async function putBack({ engine }: TrailBench, { rows, heads }: Awaited<ReturnType<typeof content>>): Promise<void> {
  await engine.write(async (tx) => {
    await tx.run('DELETE FROM audit_records');
    await tx.run('DELETE FROM audit_heads');
    for (const { chain = '', seq = 0, at = 0, line = '' } of rows) {
      await tx.run('INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)', [chain, seq, at, line]);
    }
    for (const { chain = '', seq = 0, mac = '', seal = '' } of heads) {
      await tx.run('INSERT INTO audit_heads (chain, seq, mac, seal) VALUES (?, ?, ?, ?)', [chain, seq, mac, seal]);
    }
  });
}

describe.each(FILE_ENGINES)('a trail that goes on in another database, with %s', (engine) => {
  it('has all records of the database that was replaced, drained or not', async () => {
    const bench = await auditBench(engine);
    await bench.drained(3);
    await bench.record(2);
    const backup = await content(bench);
    await bench.record(3);
    await bench.trail.drain();
    await bench.record(4);
    const replaced = await bench.engine.read((tx) => databaseTrail(tx, AUDIT_KEY));
    await putBack(bench, backup);
    await bench.engine.write((tx) => resumeTrail(tx, { folder: bench.folder, key: AUDIT_KEY, replaced }));
    expect(await bench.trail.verify()).toMatchObject(whole(12));
    await bench.trail.append(numbered(1));
    expect(await numbersOf(bench.trail)).toEqual(upTo(13));
    await bench.trail.drain();
    expect(await bench.trail.verify()).toMatchObject(whole(13));
  });

  it('goes on behind the files where the database was lost, or was an old copy', async () => {
    for (const lost of [true, false]) {
      const bench = await auditBench(engine);
      await bench.drained(3);
      const backup = await content(bench);
      await bench.drained(4);
      await putBack(bench, backup);
      await expect(bench.trail.append(numbered(1))).rejects.toMatchObject({ code: 'busy' });
      const replaced = lost ? {} : { replaced: await bench.engine.read((tx) => databaseTrail(tx, AUDIT_KEY)) };
      await bench.engine.write((tx) => resumeTrail(tx, { folder: bench.folder, key: AUDIT_KEY, ...replaced }));
      await bench.trail.append(numbered(1));
      expect(await bench.trail.verify()).toMatchObject(whole(8));
    }
  });

  it('knows from the trail what was archived, where the database is lost', async () => {
    const bench = await auditBench(engine);
    await bench.drained(10_000);
    const backup = await content(bench);
    bench.setNow(START + 86_400_000);
    await bench.drained(5);
    const folder = join(bench.folder, '..', 'archive');
    await bench.trail.archive({ actor: shellActor('root'), before: START + 86_400_000, folder });
    await bench.trail.drain();
    await putBack(bench, backup);
    await bench.engine.write((tx) => resumeTrail(tx, { folder: bench.folder, key: AUDIT_KEY }));
    expect(await bench.trail.verify()).toMatchObject(whole(6));
    await bench.trail.append(numbered(1));
    expect(await bench.trail.verify()).toMatchObject(whole(7));
  });

  it('takes over what version 1 left, and seals nothing that anybody could have written', async () => {
    const bench = await auditBench(engine);
    await bench.drained(5);
    rmSync(join(bench.folder, 'head'), { recursive: true });
    renameSync(join(bench.folder, 'end'), join(bench.folder, 'head'));
    await bench.sql('DELETE FROM audit_heads');
    await bench.engine.write((tx) => resumeTrail(tx, { folder: bench.folder, key: AUDIT_KEY }));
    expect(await bench.trail.verify()).toMatchObject(whole(5));
    await bench.trail.append(numbered(1));
    await bench.trail.drain();
    expect(await bench.trail.verify()).toMatchObject(whole(6));
    const other = new Uint8Array(32);
    await bench.engine.write((tx) => resumeTrail(tx, { folder: bench.folder, key: other }));
    expect(await bench.trail.verify()).toMatchObject({ ok: false });
  });
});
