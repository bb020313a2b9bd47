/** The parts of the postgres engine that need no server. */
import { describe, expect, it } from 'vitest';
import { insertOfColumns } from '../../src/core/store/engines/postgres-many.ts';
import { passwordIn } from '../../src/core/store/engines/postgres-passfile.ts';
import { numbered } from '../../src/core/store/engines/postgres-placeholders.ts';
import { parserOf } from '../../src/core/store/engines/postgres-value.ts';

describe('placeholders', () => {
  it('are numbered, but for question marks in literals and quoted names', () => {
    expect(numbered(`SELECT '?', 'it''s ?', "a?" FROM t WHERE b = ? AND c <> ?`)).toBe(
      `SELECT '?', 'it''s ?', "a?" FROM t WHERE b = $1 AND c <> $2`,
    );
  });
});

describe('cells', () => {
  it('are numbers where the database has numbers that a number can hold, and text else', () => {
    expect([
      parserOf(20)('1795521600000'),
      parserOf(20)('9007199254740993'),
      parserOf(25)('12'),
      parserOf(16)('t'),
    ]).toEqual([1_795_521_600_000, '9007199254740993', '12', 1]);
  });
});

describe('many rows', () => {
  const insert = "INSERT INTO users (id, disabled, expires, kind) VALUES (?, 0, ?, 'off')";

  it('become one statement with an array a column', () => {
    expect(
      insertOfColumns(insert, [
        ['a', 1],
        ['b', null],
      ]),
    ).toEqual({
      sql: "INSERT INTO users (id, disabled, expires, kind) SELECT c1, 0, c2, 'off' FROM unnest(CAST(? AS TEXT[]), CAST(? AS BIGINT[])) AS many (c1, c2)",
      arrays: [
        ['a', 'b'],
        [1, null],
      ],
    });
    expect(
      insertOfColumns(insert, [
        ['a', null],
        ['b', null],
      ])?.sql,
    ).toContain("SELECT c1, 0, NULL, 'off' FROM unnest(CAST(? AS TEXT[]))");
  });

  it('go one by one where columns are mixed, all are empty, or the statement is no plain INSERT', () => {
    expect(
      insertOfColumns(insert, [
        ['a', 1],
        ['b', 'x'],
      ]),
    ).toBeUndefined();
    expect(insertOfColumns(insert, [[null, null]])).toBeUndefined();
    expect(insertOfColumns('UPDATE users SET id = ?', [['a']])).toBeUndefined();
    expect(insertOfColumns(`${insert} ON CONFLICT DO NOTHING`, [['a', 1]])).toBeUndefined();
  });
});

describe('the password file', () => {
  const whose = { host: 'db', port: 5432, database: 'gate', user: 'gate:ward' };

  it('has the password of the first line that fits', () => {
    const text =
      '# db:5432:gate:x:no\n\ndb:5433:*:*:no\nother:*:*:*:no\ndb:*:gate:gate\\:ward:p\\:w\\\\d\n*:*:*:*:late\n';
    expect(passwordIn(text, whose)).toBe('p:w\\d');
    expect(passwordIn('*:*:*:*:crlf\r\n', whose)).toBe('crlf');
    expect(passwordIn('localhost:*:*:*:socket', { ...whose, host: '/run/postgresql' })).toBe('socket');
  });

  it.each(['', 'db:5432:gate:gate:x', 'db:5432:gate', 'db:5432:gate:gate\\:ward'])('has none in %j', (text) => {
    expect(passwordIn(text, whose)).toBeUndefined();
  });
});
