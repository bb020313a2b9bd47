import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manyRecords } from '../../support/many-records.ts';
import { ACTOR, type RestorableFacility, restorableFacility } from '../../support/restorable-facility.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

function verify(facility: RestorableFacility) {
  return facility.inside(({ facility: { trail } }) => trail.verify());
}

/** All whole files. */
async function archive(facility: RestorableFacility) {
  const folder = join(facility.folder, 'archive');
  facility.clock.advance(10 * YEAR_MS);
  const before = facility.clock.now() - 9 * YEAR_MS;
  const archived = await facility.inside(({ facility: { trail } }) => trail.archive({ actor: ACTOR, before, folder }));
  await facility.inside(({ facility: { trail } }) => trail.drain());
  return archived;
}

async function fill(facility: RestorableFacility): Promise<void> {
  await manyRecords(facility, 10_000);
  await facility.inside(({ facility: { trail } }) => trail.drain());
}

async function archivedSince() {
  const facility = await restorableFacility('sqlite');
  await fill(facility);
  const copy = await facility.backUp();
  await fill(facility);
  expect(await archive(facility)).toEqual({ records: 20_000, through: 20_000 });
  return { facility, copy };
}

describe('a restore after records were archived', () => {
  it('has a trail that verifies and goes on being archived, where the database is lost', async () => {
    const { facility, copy } = await archivedSince();
    rmSync(facility.config.store.path);
    // What happened since the backup is in the archive.
    await expect(facility.restore(copy)).rejects.toMatchObject({ code: 'bad-data' });
    await facility.restore(copy, { unknown: 'void-passwords' });
    expect(await verify(facility)).toMatchObject({ ok: true, firstBroken: null });
    await fill(facility);
    expect(await archive(facility)).toEqual({ records: 10_000, through: 30_000 });
    expect(await verify(facility)).toMatchObject({ ok: true });
  });

  it('goes by the trail where the archived files are put back, and they stay archived', async () => {
    const { facility, copy } = await archivedSince();
    rmSync(facility.config.store.path);
    const back = (name: string) =>
      copyFileSync(join(facility.folder, 'archive', name), join(facility.config.audit.path, name));
    for (const name of ['audit-000000000001.jsonl', 'audit-000000010001.jsonl']) back(name);
    expect(await facility.restore(copy)).toMatchObject({ basis: 'trail', trail: { end: 'files' } });
    expect(await verify(facility)).toMatchObject({ ok: true });
  });

  it('has that where an older database was put back by hand', async () => {
    const facility = await restorableFacility('sqlite');
    await fill(facility);
    const { path } = facility.config.store;
    copyFileSync(path, `${path}.old`);
    const copy = await facility.backUp();
    await fill(facility);
    await archive(facility);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    renameSync(`${path}.old`, path);
    await facility.restore(copy, { unknown: 'void-passwords' });
    expect(await verify(facility)).toMatchObject({ ok: true });
  });

  it('believes no record of archiving that the audit key did not chain: what is missing stays missing', async () => {
    const facility = await restorableFacility('sqlite');
    await fill(facility);
    const copy = await facility.backUp();
    await facility.inside(({ facility: { trail } }) => trail.drain());
    rmSync(facility.config.store.path);
    const [first, second] = ['audit-000000000001.jsonl', 'audit-000000010001.jsonl'].map((name) =>
      join(facility.config.audit.path, name),
    );
    const lines = readFileSync(first ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    const { mac } = JSON.parse(lines.at(-1) ?? '');
    const forged = { at: new Date(0).toISOString(), event: 'audit.archived', detail: `through=10000:${mac}`, mac };
    writeFileSync(second ?? '', `${readFileSync(second ?? '', 'utf8')}${JSON.stringify({ seq: 10_009, ...forged })}\n`);
    mkdirSync(join(facility.folder, 'taken'));
    renameSync(first ?? '', join(facility.folder, 'taken', 'first'));
    await facility.restore(copy, { unknown: 'void-passwords' });
    expect(await verify(facility)).toMatchObject({ ok: false, firstBroken: 1 });
  });
});
