import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/core/config/model.ts';
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
