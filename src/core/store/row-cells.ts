/**
 * Cells of a row, checked: what a damaged or strange database holds never becomes a value that the program trusts.
 */
import { Fault } from '../errors.ts';
import type { SqlRow, SqlValue } from './sql-engine.ts';

export function text(row: SqlRow, column: string): string {
  const value = cell(row, column);
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

export function nullableText(row: SqlRow, column: string): string | null {
  return cell(row, column) === null ? null : text(row, column);
}

export function integer(row: SqlRow, column: string): number {
  const value = cell(row, column);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw damaged(column);
  return value;
}

export function nullableInteger(row: SqlRow, column: string): number | null {
  return cell(row, column) === null ? null : integer(row, column);
}

/** Stored as 0 or 1. */
export function truth(row: SqlRow, column: string): boolean {
  const value = integer(row, column);
  if (value !== 0 && value !== 1) throw damaged(column);
  return value === 1;
}

export function oneOf<const T extends string>(row: SqlRow, column: string, members: readonly T[]): T {
  const value = text(row, column);
  const member = members.find((candidate) => candidate === value);
  if (member === undefined) throw damaged(column);
  return member;
}

export function damaged(what: string): Fault {
  return new Fault('unavailable', `The database holds something that does not belong there (${what}).`, {
    hint: 'Restore a backup with `gatehouse restore`; `gatehouse doctor` says more.',
  });
}

function cell(row: SqlRow, column: string): SqlValue {
  const value = row[column];
  if (value === undefined) throw damaged(column);
  return value;
}
