import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { idOf, person } from '../store-contract/people.ts';
import { failingCalls, recordingCalls } from '../support/file-calls.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { type TemporaryDatabase, temporaryDatabase } from './temporary-database.ts';

let database: TemporaryDatabase;
const NAMES = Array.from({ length: 20 }, (_, number) => `user-${number}`);

beforeEach(async () => {
  database = await temporaryDatabase();
  const store = await openPlainStore(await database.open());
  await store.addUsers(NAMES.map((name) => person(name)));
});
afterEach(() => database.dispose());

const rename = (engine: SqlEngine, name: string, display: string) =>
  engine.write((tx) => tx.run('UPDATE users SET display = ? WHERE id = ?', [display, idOf(name)]));

async function displays(engine: SqlEngine): Promise<readonly unknown[]> {
  const rows = await engine.read((tx) => tx.all('SELECT display FROM users ORDER BY created_at, id'));
  return rows.map(({ display }) => display);
}

it('writes the file once for all who wait for the same turn, and answers each with its own', async () => {
  const { calls, names } = recordingCalls();
  const engine = await database.open({ calls });
  const touched = await Promise.all([
    ...NAMES.map((name) => rename(engine, name, 'together')),
    rename(engine, 'nobody', 'together'),
  ]);
  expect(touched).toEqual([...NAMES.map(() => 1), 0]);
  expect(names.filter((name) => name === 'rename')).toHaveLength(1);
  expect(await displays(await database.open())).toEqual(NAMES.map(() => 'together'));
});

it('has all of them on disk before the first is answered', async () => {
  const engine = await database.open();
  const onDiskAtAnswer = await Promise.all(
    NAMES.map(async (name) => {
      await rename(engine, name, `as ${name}`);
      return readFileSync(database.path);
    }),
  );
  for (const file of onDiskAtAnswer) for (const name of NAMES) expect(file.includes(`as ${name}`)).toBe(true);
});

it('keeps what the others wrote when one of them throws, which alone is refused', async () => {
  const engine = await database.open();
  const outcomes = await Promise.allSettled([
    rename(engine, 'user-0', 'kept'),
    engine.write(async (tx) => {
      await tx.run("UPDATE users SET display = 'half done'");
      throw new Error('after its first statement');
    }),
    engine.write((tx) => tx.run('UPDATE no_such_table SET display = 1')),
    rename(engine, 'user-1', 'kept too'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  for (const reader of [engine, await database.open()]) {
    const seen = await displays(reader);
    expect(seen).toEqual(expect.arrayContaining(['kept', 'kept too']));
    expect(seen).not.toContain('half done');
  }
});

it('lets a later one of the turn see what an earlier one did', async () => {
  const engine = await database.open();
  const claim = () =>
    engine.write((tx) => tx.run('UPDATE users SET last_step = 7 WHERE id = ? AND last_step IS NULL', [idOf('user-3')]));
  expect(await Promise.all([claim(), claim(), claim()])).toEqual([1, 0, 0]);
});

it('refuses all of them when their file cannot be written, and reads nothing of them afterwards', async () => {
  const before = readFileSync(database.path);
  for (let nth = 1; nth <= 7; nth += 1) {
    const engine = await database.open({ calls: failingCalls({ nth, errno: 'ENOSPC' }) });
    const outcomes = await Promise.allSettled(NAMES.map((name) => rename(engine, name, 'lost')));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'Fault', code: 'unavailable' } });
    }
    expect(readFileSync(database.path).equals(before)).toBe(true);
    expect(await displays(engine)).not.toContain('lost');
  }
});

it('answers readers in the order of asking: what was written before them, and nothing of what fails after', async () => {
  const engine = await database.open();
  const first = rename(engine, 'user-5', 'written before');
  const seen = displays(engine);
  const failing = engine.write(async (tx) => {
    await tx.run("UPDATE users SET display = 'never'");
    throw new Error('after its first statement');
  });
  await expect(failing).rejects.toMatchObject({ code: 'internal' });
  await first;
  expect(await seen).toContain('written before');
  expect(await seen).not.toContain('never');
});
