import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { setInConfig } from '../../../src/core/config/edit.ts';
import { announceConfigChange, recorderOf } from '../../../src/core/node/config-change.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { editConfigFile } from '../../../src/core/node/config-file-edit.ts';
import { configDigest, configPlace, settlePendingChanges } from '../../../src/core/node/config-settle.ts';
import { openEngine } from '../../../src/core/node/open-engine.ts';
import { systemClock } from '../../../src/core/node/system-clock.ts';
import type { SqlEngine } from '../../../src/core/store/sql-engine.ts';
import { type RecordedConfig, recordedConfig } from '../../support/recorded-config.ts';
import { ADMIN } from '../../support/temporary-facility.ts';

let config: RecordedConfig;
beforeEach(async () => {
  config = await recordedConfig('sqlite');
});

const events = async () => (await config.records()).map(({ event }) => event);

/** `config set Login.Attempts VALUE` in a process of its own, killed at this call on the file (1 is the first). */
async function killedAt(nth: number, value = '5'): Promise<'killed' | 'done'> {
  const child = fork(
    resolve('test/core/node/child/change-config.ts'),
    [config.file, 'Login.Attempts', value, `${nth}`],
    {
      execArgv: [],
    },
  );
  const [, signal] = await once(child, 'exit');
  return signal === 'SIGKILL' ? 'killed' : 'done';
}

describe('a process that was killed while it changed config.ini', () => {
  it('leaves the change made, or recorded as not made, whichever call was its last', async () => {
    const seen = new Set<string>();
    for (let nth = 1; (await killedAt(nth, String(nth))) === 'killed'; nth += 1) {
      const isNew = config.text().includes(`Attempts=${nth}\n`);
      const known = await events();
      expect(known.at(-1)).toBe('config.changed');
      expect(await config.pending()).toEqual(['Login.Attempts']);
      await config.settle();
      expect(await config.pending()).toEqual([]);
      expect(await events()).toEqual(isNew ? known : [...known, 'config.not-changed']);
      seen.add(isNew ? 'made' : 'not made');
    }
    expect([...seen].sort()).toEqual(['made', 'not made']);
  });

  it('left it to the next change to settle, where nobody else has', async () => {
    const before = config.text();
    await killedAt(1);
    await config.set('Login.CodeWindow', '2');
    const [announced, settled, next] = await config.records();
    expect([announced?.event, settled?.event, next?.event]).toEqual([
      'config.changed',
      'config.not-changed',
      'config.changed',
    ]);
    expect(settled).toMatchObject({ actor: announced?.actor, detail: announced?.detail });
    expect(announced?.detail).toContain(`before=${configDigest(before)}`);
    expect(await config.pending()).toEqual([]);
  });

  it('and a file that somebody edited since are told apart from both', async () => {
    await killedAt(1);
    const typed = `${config.text()}; by hand\n`;
    writeFileSync(config.file, typed);
    await config.settle();
    const [announced, settled] = await config.records();
    expect(settled).toMatchObject({ event: 'config.edited-outside' });
    expect(settled?.actor).toBeUndefined();
    const after = announced?.detail?.split('after=')[1];
    expect(settled?.detail).toBe(`Login.Attempts after=${after} found=${configDigest(typed)}`);
    expect(await config.pending()).toEqual([]);
  });
});

describe('settling a change of config.ini', () => {
  it('never touches the file', async () => {
    for (const edit of ['', '; by hand\n']) {
      await killedAt(1);
      if (edit !== '') writeFileSync(config.file, config.text() + edit);
      const before = statSync(config.file, { bigint: true });
      await config.settle();
      const after = statSync(config.file, { bigint: true });
      expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
    }
  });

  it('leaves a change alone that is being made now', async () => {
    const { config: before } = readConfigFile(config.file);
    const engine = await openEngine(before.store, { database: 'existing', clock: systemClock });
    await editConfigFile(config.file, (source) => setInConfig(source, { key: 'Login.Attempts', value: '5' }), {
      async announce(replacement) {
        const recorder = await recorderOf(before, engine);
        const conclude = await announceConfigChange(recorder, { ...replacement, actor: ADMIN, settings: ['x'] });
        await config.settle();
        expect(await config.pending()).toEqual(['x']);
        return conclude;
      },
    });
    expect(await events()).toEqual(['config.changed']);
    expect(await config.pending()).toEqual([]);
  });

  it('leaves a change alone whose file cannot be read', async () => {
    await killedAt(1);
    await config.withEngine(async (engine) => {
      const { recorder, place } = await here(engine);
      renameSync(config.file, `${config.file}.away`);
      await settlePendingChanges(recorder.engine, place);
      renameSync(`${config.file}.away`, config.file);
    });
    expect(await config.pending()).toEqual(['Login.Attempts']);
  });

  it('is for the config.ini of that host and path alone, by whatever folder link it is named', async () => {
    await killedAt(1);
    const copy = join(config.folder, 'copy');
    mkdirSync(copy, { mode: 0o700 });
    writeFileSync(join(copy, 'config.ini'), config.text(), { mode: 0o600 });
    symlinkSync('.', join(config.folder, 'link'));
    await config.withEngine(async (engine) => {
      const { recorder, place } = await here(engine);
      const others = [configPlace({ engine: 'sqlite' }, join(copy, 'config.ini')), { ...place, host: 'elsewhere' }];
      for (const other of others) {
        await settlePendingChanges(recorder.engine, other);
        expect(await config.pending()).toEqual(['Login.Attempts']);
      }
      const byLink = configPlace({ engine: 'sqlite' }, join(config.folder, 'link/config.ini'));
      await settlePendingChanges(recorder.engine, byLink);
    });
    expect(await config.pending()).toEqual([]);
  });
});

async function here(engine: SqlEngine) {
  const { config: now } = readConfigFile(config.file);
  return { recorder: await recorderOf(now, engine), place: configPlace(now.store, config.file) };
}

describe('processes that change config.ini at once', () => {
  it('are recorded one after the other, each from what the one before it made', async () => {
    const first = config.text();
    const changes = Array.from({ length: 5 }, (_, index) => ['Login.Attempts', `${index + 4}`] as const);
    const script = resolve('test/core/node/child/change-config.ts');
    const children = changes.map((change) => fork(script, [config.file, ...change, '0'], { execArgv: [] }));
    const ends = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.map(([status]) => status)).toEqual(changes.map(() => 0));
    const digests = (await config.records()).map((record) => /before=(\w+) after=(\w+)$/.exec(record.detail ?? ''));
    expect(await events()).toEqual(changes.map(() => 'config.changed'));
    expect(digests.map((digest) => digest?.[1])).toEqual([
      configDigest(first),
      ...digests.slice(0, -1).map((digest) => digest?.[2]),
    ]);
    expect(digests.at(-1)?.[2]).toBe(configDigest(config.text()));
    expect(await config.pending()).toEqual([]);
  });
});
