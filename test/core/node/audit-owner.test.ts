import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../../src/core/config/model.ts';
import { claimAuditFolder, noteOwner, refuseOthersFolder } from '../../../src/core/node/audit-owner.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { restore } from '../../../src/core/node/restore.ts';
import { ACTOR, passwordOf, type RestorableFacility, restorableFacility } from '../../support/restorable-facility.ts';

type Trial = { readonly facility: RestorableFacility; readonly copy: string; readonly trial: Config };

/** A second configuration that has key and audit folder of the first one, and a database of its own. */
async function withTrial(engine: 'sqljs' | 'sqlite'): Promise<Trial> {
  const facility = await restorableFacility(engine);
  await facility.add('alice');
  const copy = await facility.backUp();
  const folder = join(facility.folder, 'trial');
  mkdirSync(folder, { mode: 0o700 });
  const { config } = facility;
  return { facility, copy, trial: { ...config, store: { ...config.store, path: join(folder, 'gatehouse.db') } } };
}

function restoreTo({ facility, copy, trial }: Trial, more = {}) {
  return restore({ config: trial, actor: ACTOR, file: copy, unknown: 'refuse', clock: facility.clock, ...more });
}

async function inside<T>(config: Config, work: (parts: Awaited<ReturnType<typeof openFacility>>) => Promise<T>) {
  const opened = await openFacility(config);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const drain = (config: Config) => inside(config, ({ trail }) => trail.drain());
const recordAndDrain = (config: Config) =>
  inside(config, async ({ audit, trail }) => {
    await audit.append({ event: 'user.edited', user: 'alice' });
    await trail.drain();
  });
const verify = (config: Config) => inside(config, ({ trail }) => trail.verify());

describe.each(['sqljs', 'sqlite'] as const)('an audit folder with %s', (engine) => {
  it('is refused to a trial restore that shares it, and nobody is locked out', async () => {
    const both = await withTrial(engine);
    const { facility } = both;
    await expect(restoreTo(both)).rejects.toMatchObject({
      ...{ code: 'exists', message: expect.stringContaining(facility.config.store.path) },
      hint: expect.stringContaining('Audit.Path of its own'),
    });
    await expect(inside(both.trial, async () => undefined)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await facility.login('alice', passwordOf('alice'))).toBe('granted');
    await drain(facility.config);
    expect(await verify(facility.config)).toMatchObject({ ok: true });
  });

  it('takes no record of a copy of the database that was made by hand', async () => {
    const { facility, trial } = await withTrial(engine);
    await inside(facility.config, async ({ store }) =>
      writeFileSync(trial.store.path, await store.snapshot(), { mode: 0o600 }),
    );
    await expect(recordAndDrain(trial)).rejects.toMatchObject({ code: 'exists' });
    expect(await facility.login('alice', passwordOf('alice'))).toBe('granted');
    await drain(facility.config);
    expect(await verify(facility.config)).toMatchObject({ ok: true });
  });

  it('goes to the restored database where somebody says so, or where the other one is gone', async () => {
    const both = await withTrial(engine);
    await restoreTo(both, { takeTrail: true });
    await recordAndDrain(both.trial);
    expect(await verify(both.trial)).toMatchObject({ ok: true });
    await expect(both.facility.restore(both.copy)).rejects.toMatchObject({ code: 'exists' });
    const gone = await withTrial(engine);
    rmSync(gone.facility.config.store.path);
    await restoreTo(gone);
    await recordAndDrain(gone.trial);
    expect(await verify(gone.trial)).toMatchObject({ ok: true });
  });

  it('goes along when the facility is moved as a whole, and when its database is moved alone', async () => {
    const { facility, copy, trial } = await withTrial(engine);
    const moved = `${facility.folder}-moved`;
    cpSync(facility.folder, moved, { recursive: true });
    for (const private_ of ['', 'data', 'data/audit']) chmodSync(join(moved, private_), 0o700);
    try {
      // The one at the first place is still there.
      const { config } = readConfigFile(join(moved, 'config.ini'));
      await recordAndDrain(config);
      await restore({ config, actor: ACTOR, file: copy, unknown: 'refuse', clock: facility.clock });
      expect(await verify(config)).toMatchObject({ ok: true });
    } finally {
      rmSync(moved, { recursive: true });
    }
    renameSync(facility.config.store.path, trial.store.path);
    await recordAndDrain(trial);
    expect(await verify(trial)).toMatchObject({ ok: true });
    // It is the one of the new place now.
    copyFileSync(trial.store.path, facility.config.store.path);
    await expect(recordAndDrain(facility.config)).rejects.toMatchObject({ code: 'exists' });
  });

  it('knows its database by another path to the same file, and the other one by whatever path', async () => {
    const both = await withTrial(engine);
    const { facility, trial } = both;
    const linked = `${facility.folder}-linked`;
    symlinkSync(facility.folder, linked);
    try {
      const through = (config: Config): Config => ({
        ...config,
        store: { ...config.store, path: config.store.path.replace(facility.folder, linked) },
        audit: { ...config.audit, path: config.audit.path.replace(facility.folder, linked) },
      });
      await recordAndDrain(through(facility.config));
      await facility.restore(both.copy, { config: through(facility.config) });
      await recordAndDrain(facility.config);
      await expect(restoreTo({ ...both, trial: through(trial) })).rejects.toMatchObject({ code: 'exists' });
      expect(await verify(facility.config)).toMatchObject({ ok: true });
    } finally {
      rmSync(linked);
    }
  });

  it('is shut by no note that the key has not sealed', async () => {
    const { facility, trial } = await withTrial(engine);
    const note = join(facility.config.audit.path, 'database');
    writeFileSync(trial.store.path, 'there');
    const { seal } = JSON.parse(readFileSync(note, 'utf8'));
    for (const text of ['', 'null', JSON.stringify({ database: trial.store.path, seal })]) {
      writeFileSync(note, text);
      await recordAndDrain(facility.config);
      expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ seal });
    }
  });
});

describe('the note of an audit folder', () => {
  function bench() {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-owner-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of ['one.db', 'other.db']) writeFileSync(join(folder, name), name);
    const ownerOf = (database: string) => ({
      folder: join(folder, 'audit'),
      key: new Uint8Array(32).fill(7),
      database: join(folder, database),
    });
    mkdirSync(join(folder, 'audit'), { mode: 0o700 });
    return { folder, note: join(folder, 'audit', 'database'), one: ownerOf('one.db'), other: ownerOf('other.db') };
  }

  it('names the database that claimed it, as seen from the folder, and stays', async () => {
    const { folder, note, one, other } = bench();
    await claimAuditFolder(one, 1_000);
    const text = readFileSync(note, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ database: '../one.db' });
    await claimAuditFolder(one, 1_000);
    await expect(claimAuditFolder(other, 1_000)).rejects.toMatchObject({
      code: 'exists',
      message: expect.stringContaining(join(folder, 'one.db')),
    });
    expect(readFileSync(note, 'utf8')).toBe(text);
    rmSync(one.database);
    await claimAuditFolder(other, 1_000);
    expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ database: '../other.db' });
  });

  it('knows a database by any path to it, there or not', async () => {
    const { folder, one, other } = bench();
    await noteOwner(one);
    symlinkSync(folder, join(folder, 'link'));
    linkSync(one.database, join(folder, 'hard.db'));
    for (const name of ['link/one.db', 'hard.db', 'audit/../one.db']) {
      refuseOthersFolder({ ...one, database: join(folder, name) });
    }
    expect(() => refuseOthersFolder({ ...one, database: join(folder, 'link', 'gone.db') })).toThrow();
    await noteOwner(other);
    rmSync(other.database);
    refuseOthersFolder({ ...one, database: join(folder, 'link', 'other.db') });
    refuseOthersFolder(one);
  });

  it('shuts nobody out where the key has not sealed it, or anything in it is of another kind', async () => {
    const { note, one, other } = bench();
    await noteOwner(one);
    const good = JSON.parse(readFileSync(note, 'utf8'));
    expect(() => refuseOthersFolder(other)).toThrow();
    for (const wrong of [
      { ...good, database: '../else.db' },
      { ...good, database: 1 },
      { ...good, seal: 1 },
      { database: good.database },
      { seal: good.seal },
      [],
    ]) {
      writeFileSync(note, JSON.stringify(wrong));
      refuseOthersFolder(other);
    }
    refuseOthersFolder({ ...other, key: new Uint8Array(32) });
    writeFileSync(note, JSON.stringify(good));
    expect(() => refuseOthersFolder(other)).toThrow();
    chmodSync(note, 0o666);
    expect(() => refuseOthersFolder(one)).toThrow(expect.objectContaining({ code: 'file-refused' }));
  });
});
