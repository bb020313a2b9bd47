/**
 * Users as CSV (RFC 4180): columns `name,display,group,role,password` under a heading line. What is written opens in a
 * spreadsheet without being taken for a formula, and reads back as it was.
 */
import { CsvError, type Info, parse } from 'csv-parse/sync';
import { clipped } from './config/problem.ts';

export const CSV_COLUMNS = ['name', 'display', 'group', 'role', 'password'] as const;
export type CsvColumn = (typeof CSV_COLUMNS)[number];

export type CsvRow = {
  /** 1-based line of the file on which the record begins. */
  readonly line: number;
  /** A column that the file does not have is empty. */
  readonly fields: Readonly<Record<CsvColumn, string>>;
};

export type LineProblem = { readonly line: number; readonly text: string };

export type CsvReading =
  | { readonly kind: 'read'; readonly rows: readonly CsvRow[] }
  | { readonly kind: 'bad-lines'; readonly problems: readonly LineProblem[] };

/** Every record, or every line that is wrong. Blank lines are passed over; a byte order mark too. */
export function readUsersCsv(text: string): CsvReading {
  const records = recordsOf(text);
  if ('problem' in records) return badLines(records.problem);
  const [heading, ...body] = records.found;
  const columns = columnsOf(heading);
  if ('problem' in columns) return badLines(columns.problem);
  const rows: CsvRow[] = [];
  const problems: LineProblem[] = [];
  for (const { line, cells } of body) {
    if (cells.length === columns.found.length) rows.push({ line, fields: fieldsOf(columns.found, cells) });
    else problems.push({ line, text: `it has ${cells.length} fields, the heading has ${columns.found.length}` });
  }
  return problems.length > 0 ? { kind: 'bad-lines', problems } : { kind: 'read', rows };
}

/** One heading line and one line a row, each ended by CR LF (RFC 4180 §2). */
export function writeUsersCsv(rows: Iterable<Readonly<Record<CsvColumn, string>>>): string {
  const lines = [CSV_COLUMNS.join(',')];
  for (const row of rows) lines.push(CSV_COLUMNS.map((column) => quotedCell(guarded(row[column]))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** Longer records are no users. */
const RECORD_MAX_CHARACTERS = 64 * 1024;

type CsvRecord = { readonly line: number; readonly cells: readonly string[] };
type Found<T> = { readonly found: T } | { readonly problem: LineProblem };

function recordsOf(text: string): Found<readonly CsvRecord[]> {
  try {
    const parsed = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: RECORD_MAX_CHARACTERS,
    }) as unknown as readonly { readonly info: Info; readonly record: readonly string[] }[];
    return { found: parsed.map(({ info, record }) => ({ line: firstLine(info, record), cells: record })) };
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const line = typeof thrown.lines === 'number' ? thrown.lines : 1;
    return { problem: { line, text: 'it is not CSV: look at its quotes' } };
  }
}

/** `info.lines` is the line on which the record ends. */
function firstLine(info: Info, cells: readonly string[]): number {
  return info.lines - cells.reduce((breaks, cell) => breaks + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function columnsOf(heading: CsvRecord | undefined): Found<readonly CsvColumn[]> {
  const expected = `the first line names the columns: ${CSV_COLUMNS.join(',')}`;
  if (heading === undefined) return { problem: { line: 1, text: `the file is empty; ${expected}` } };
  const { line } = heading;
  const columns: CsvColumn[] = [];
  for (const cell of heading.cells) {
    const column = CSV_COLUMNS.find((known) => known === cell.trim().toLowerCase());
    if (column === undefined)
      return { problem: { line, text: `there is no column ${headingText(cell)}; ${expected}` } };
    if (columns.includes(column)) return { problem: { line, text: `the column ${column} stands there twice` } };
    columns.push(column);
  }
  if (!columns.includes('name')) return { problem: { line, text: `the column name is missing; ${expected}` } };
  return { found: columns };
}

/** Nobody calls a column by so long a name; a file of secrets, taken for CSV by mistake, may begin with one. */
function headingText(cell: string): string {
  return cell.length < 16 ? `"${clipped(cell)}"` : 'with so long a name';
}

function fieldsOf(columns: readonly CsvColumn[], cells: readonly string[]): CsvRow['fields'] {
  const fields = { name: '', display: '', group: '', role: '', password: '' };
  columns.forEach((column, index) => {
    const cell = cells[index] ?? '';
    fields[column] = column === 'password' ? cell : unguarded(cell);
  });
  return fields;
}

/** OWASP CSV injection: a cell that begins so is run as a formula; an apostrophe before it makes it text. */
function guarded(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function unguarded(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function quotedCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function badLines(problem: LineProblem): CsvReading {
  return { kind: 'bad-lines', problems: [problem] };
}
