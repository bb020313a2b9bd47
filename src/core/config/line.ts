/**
 * config.ini line by line: what kind of line, and where in it the value stands. `ini` reads the values; the lines are
 * looked at here because `ini` passes in silence over what must be refused: duplicates, headings with a comment behind
 * them or white space before them (it takes them for keys), lines it cannot read, lists.
 */
import { unsafe } from 'ini';

/** Longer lines are not looked into. */
export const LINE_MAX_CHARACTERS = 4096;

export type Line = {
  /** 1-based. */
  readonly number: number;
  /** Without the line's end. */
  readonly text: string;
  /** `\n`, `\r\n`, or nothing at the end of the file. */
  readonly end: string;
  /** The section it stands in, as written; null above the first. */
  readonly section: string | null;
  readonly content: LineContent;
};

export type LineContent =
  | { readonly kind: 'blank' | 'comment' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'section'; readonly name: string }
  /** `valueStart` and `valueEnd` are offsets into the line: what `ini` reads the value from, without comment. */
  | { readonly kind: 'key'; readonly key: string; readonly valueStart: number; readonly valueEnd: number }
  | { readonly kind: 'broken-heading' | 'no-equals-sign' | 'no-key' };

export const BYTE_ORDER_MARK = '\ufeff';

/** The lines of a text without its byte order mark. A lone carriage return ends no line: it stays in the text. */
export function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let section: string | null = null;
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 ? text.length : newline + 1;
    const end = newline < 0 ? '' : text[newline - 1] === '\r' && newline > start ? '\r\n' : '\n';
    const body = text.slice(start, stop - end.length);
    const content = contentOf(body);
    if (content.kind === 'section') section = content.name;
    // The keys below a heading that was meant are not said to be wrong as well.
    if (content.kind === 'broken-heading') section = /^\s*\[([^\]]*)\]/.exec(body)?.[1]?.trim() ?? section;
    lines.push({ number: lines.length + 1, text: body, end, section, content });
    start = stop;
  }
  return lines;
}

/**
 * The value as `ini` reads it; undefined where that is not text (a number or an object in single quotes). The rest of the line
 * goes in whole: `ini` takes quotes for quotes only when nothing stands behind them.
 */
export function decodedValue(line: Line, content: { readonly valueStart: number }): string | undefined {
  const value: unknown = unsafe(line.text.slice(content.valueStart));
  return typeof value === 'string' ? value : undefined;
}

/** A value as `ini` reads it back, wherever it stands: what would begin a comment or an escape is escaped. */
export function encodedValue(value: string): string {
  return value.replace(/[\\;#]/g, '\\$&');
}

function contentOf(text: string): LineContent {
  if (text.length > LINE_MAX_CHARACTERS) return { kind: 'too-long' };
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'blank' };
  if (trimmed.startsWith(';') || trimmed.startsWith('#')) return { kind: 'comment' };
  if (trimmed.startsWith('[')) {
    const name = /^\[([^\]]*)\]\s*$/.exec(text)?.[1];
    return name === undefined ? { kind: 'broken-heading' } : { kind: 'section', name: name.trim() };
  }
  const equals = text.indexOf('=');
  if (equals < 0) return { kind: 'no-equals-sign' };
  const key = text.slice(0, equals).trim();
  if (key === '') return { kind: 'no-key' };
  return { kind: 'key', key, ...valueIn(text, equals + 1) };
}

function valueIn(text: string, from: number): { readonly valueStart: number; readonly valueEnd: number } {
  const rest = text.slice(from);
  const valueStart = from + rest.length - rest.trimStart().length;
  const valueEnd = valueStart + rest.trim().length;
  const first = text[valueStart];
  if ((first === '"' || first === "'") && text[valueEnd - 1] === first) return { valueStart, valueEnd };
  for (let at = valueStart; at < valueEnd; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ';' || text[at] === '#') return { valueStart, valueEnd: trimmedEnd(text, valueStart, at) };
  }
  return { valueStart, valueEnd };
}

function trimmedEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}
