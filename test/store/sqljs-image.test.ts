import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { openImage, type SqljsImage } from '../../src/core/store/engines/sqljs-image.ts';
import { loadSqljs } from '../../src/core/store/engines/sqljs-module.ts';
import type { SqlRow, SqlValue } from '../../src/core/store/sql-engine.ts';
import { person } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { temporaryDatabase } from './temporary-database.ts';

it('gives the very buffer that it works in, which holds what was committed', async () => {
  const { buffer, image } = await imageOfAFacility();
  for (const name of ['first', 'second', 'third']) {
    change(image, "UPDATE users SET display = ? WHERE name = 'alice'", [name]);
    expect(image.bytes()).toBe(buffer);
    expect(await contents(Buffer.from(buffer))).toEqual(allRows(image));
    expect(allRows(image)).toContainEqual({ name: 'alice', display: name });
  }
});

it('leaves that buffer when the file grows, and works in the new one from then on', async () => {
  const { buffer, image } = await imageOfAFacility();
  change(image, "UPDATE users SET display = ? WHERE name = 'alice'", ['x'.repeat(20_000)]);
  const grown = image.bytes();
  expect(grown).not.toBe(buffer);
  expect(grown.length).toBeGreaterThan(buffer.length);
  expect(await contents(Buffer.from(grown))).toEqual(allRows(image));
  change(image, "UPDATE users SET display = 'short' WHERE name = 'alice'", []);
  expect(image.bytes()).toBe(grown);
  expect(await contents(Buffer.from(grown))).toEqual(allRows(image));
  expect(image.integrity()).toEqual(['ok']);
});

it('zeroes freed bytes and refuses orphans before and after the connection was renewed', async () => {
  const { image } = await imageOfAFacility();
  for (const round of ['given', 'renewed']) {
    expect(rows(image, 'PRAGMA secure_delete')).toEqual([{ secure_delete: 1 }]);
    expect(rows(image, 'PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    change(image, 'UPDATE users SET display = ?', [round.repeat(5000)]);
    image.bytes();
  }
});

function change(image: SqljsImage, sql: string, params: readonly SqlValue[]): void {
  image.begin();
  expect(image.runMany(sql, [params])).toBeGreaterThan(0);
  image.commit();
}

function allRows(image: SqljsImage): readonly SqlRow[] {
  return rows(image, 'SELECT name, display FROM users ORDER BY name');
}

function rows(image: SqljsImage, sql: string): readonly SqlRow[] {
  const found: SqlRow[] = [];
  image.each(sql, [], (row) => found.push(row));
  return found;
}

async function contents(file: Buffer): Promise<readonly SqlRow[]> {
  const image = openImage(await loadSqljs(), file);
  const found = allRows(image);
  image.close();
  return found;
}

async function imageOfAFacility(): Promise<{ readonly buffer: Buffer; readonly image: SqljsImage }> {
  const database = await temporaryDatabase();
  onTestFinished(() => database.dispose());
  const store = await openPlainStore(await database.open());
  await store.addUsers([person('alice'), person('bob')]);
  const buffer = readFileSync(database.path);
  return { buffer, image: openImage(await loadSqljs(), buffer) };
}
