/**
 * Blocks as a manual page in man(7), which groff and mandoc both read. Nothing of a text may reach them as a request or an escape: each
 * character that means something to them is written as its name, and no line of text begins with a dot or an apostrophe.
 */
import { assertNever } from '../../src/core/assert-never.ts';
import { wrapText } from '../../src/terminal/wrap-text.ts';
import type { Block, Definition } from './markdown.ts';

export type Page = {
  readonly name: string;
  readonly section: 1 | 5 | 7;
  /** What whatis(1) says of it. */
  readonly summary: string;
  readonly blocks: readonly Block[];
};

/** `version` and `date` (2026-11-24) stand in its foot. */
export function manualPage(page: Page, { version, date }: { readonly version: string; readonly date: string }): string {
  const title = [page.name.toUpperCase(), String(page.section)].map(quoted).join(' ');
  const lines = [
    '.\\" Made by "npm run docs"; change its sources.',
    `.TH ${title} ${date} ${quoted(`Gatehouse ${version}`)} "Gatehouse"`,
    // Paths and options are not to be broken, and need no wide gaps to end at the margin. (EE switches hyphenation on again.)
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escaped(page.name)} \\- ${escaped(page.summary)}`,
    ...page.blocks.flatMap(linesOf),
  ];
  return `${lines.filter((line, at) => line !== '.PP' || !isHeading(lines[at - 1])).join('\n')}\n`;
}

/** A page that is another one under a further name. */
export function linkPage(page: Pick<Page, 'name' | 'section'>): string {
  return `.so man${page.section}/${page.name}.${page.section}\n`;
}

/** Text as roff shows it unchanged. A hyphen between letters may become a typographic one; any other is the sign to be typed. */
export function escaped(text: string): string {
  return text
    .split(/(\s+)/)
    .map((word) => (isHyphenated(word) ? word.replace(NAMED, named) : word.replace(NAMED_AND_HYPHEN, named)))
    .join('');
}

const SOURCE_COLUMNS = 78;
/** What fits on 80 columns below an option of a command, the place that is set in furthest. */
const CODE_COLUMNS = 61;

const NAMED = /[\\'"`^~]|[^\0-\x7f]/gu;
const NAMED_AND_HYPHEN = /[\\'"`^~-]|[^\0-\x7f]/gu;
const NAMES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '←': '\\(<-',
  '→': '\\(->',
  '’': '\\(cq',
  '±': '\\(+-',
};

function named(character: string): string {
  return NAMES[character] ?? `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

function isHyphenated(word: string): boolean {
  return /^[(]?[A-Za-z]+(-[A-Za-z]+)+[.,;:)]*$/.test(word);
}

function linesOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return block.level <= 2 ? [`.SH ${quoted(block.text.toUpperCase())}`] : [`.SS ${quoted(bare(block.text))}`];
    case 'paragraph':
      return ['.PP', ...textLines(block.text)];
    case 'list':
      return block.items.flatMap((item) => ['.IP \\(bu 2', ...textLines(item)]);
    case 'table':
      return block.rows.flatMap((row) => definitionLines(definitionOf(block.head, row)));
    case 'definitions':
      return block.items.flatMap(definitionLines);
    case 'code':
      return [
        '.PP',
        '.RS 4',
        '.EX',
        ...block.lines.flatMap(folded).map((line) => guarded(escaped(line))),
        '.EE',
        '.nh',
        '.RE',
      ];
    default:
      return assertNever(block);
  }
}

function definitionLines({ term, blocks }: Definition): readonly string[] {
  const [first, ...more] = blocks;
  const head = ['.TP', guarded(inline(term))];
  if (first?.kind !== 'paragraph') throw new Error(`There is no paragraph behind ${term}.`);
  const below = more.flatMap(linesOf);
  return [...head, ...textLines(first.text), ...(below.length === 0 ? [] : ['.RS', ...below, '.RE'])];
}

/** A row that is wider than term and meaning says what each further cell is. */
function definitionOf(head: readonly string[], [term = '', meaning = '', ...more]: readonly string[]): Definition {
  const further = more.map((cell, at) => `${head[at + 2]}: ${cell}`);
  const text = more.length === 0 ? meaning : [`${head[1]}: ${meaning}`, ...further].join('; ');
  return { term, blocks: [{ kind: 'paragraph', text }] };
}

/** Prose is filled by the reader's program, so its line ends mean nothing. */
function textLines(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, at) => [...(at === 0 ? [] : ['.br']), ...wrapText(inline(line), SOURCE_COLUMNS).map(guarded)]);
}

function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

const INLINE = /\\([\\`*[\]])|`([^`]+)`|\*\*(.+?)\*\*|\*([^*]+)\*|\[((?:[^[\]]|\\[[\]])+)\]\([^)]+\)/g;

/** Inline Markdown: code and what is strong in bold, a variable in italics, a link as its text. */
function inline(text: string): string {
  let at = 0;
  let made = '';
  for (const found of text.matchAll(INLINE)) {
    const [whole, literal, code, strong, variable, link] = found;
    made += escaped(text.slice(at, found.index));
    if (literal !== undefined) made += escaped(literal);
    else if (code !== undefined) made += `\\fB${escaped(code)}\\fR`;
    else if (strong !== undefined) made += `\\fB${escaped(bare(strong))}\\fR`;
    else if (variable !== undefined) made += `\\fI${escaped(bare(variable))}\\fR`;
    else if (link !== undefined) made += inline(link);
    at = found.index + whole.length;
  }
  return made + escaped(text.slice(at));
}

/** Without its marks. */
function bare(text: string): string {
  return text.replace(INLINE, (whole, ...parts: readonly (string | undefined)[]) => {
    return parts.slice(0, 5).find((part) => part !== undefined) ?? whole;
  });
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** A heading begins a paragraph by itself. */
function isHeading(line: string | undefined): boolean {
  return line !== undefined && /^\.S[HS] /.test(line);
}

/** A line too long for the screen: a comment goes above its command, a command goes on behind a backslash, JSON is only shown. */
function folded(line: string): readonly string[] {
  if (line.length <= CODE_COLUMNS) return [line];
  const [, command, comment] = /^([^#]*\S)\s+(# .*)$/.exec(line) ?? [];
  if (command !== undefined && comment !== undefined) return [comment, ...folded(command)];
  const head = line.slice(0, CODE_COLUMNS);
  if (/^\s*[{←→"]/.test(line)) return cutAt(line, head.lastIndexOf(',') + 1, '');
  return cutAt(line, Math.max(head.lastIndexOf(' --'), head.lastIndexOf(' >')), ' \\');
}

function cutAt(line: string, cut: number, joint: string): readonly string[] {
  if (line.slice(0, cut).trim() === '') return [line];
  return [`${line.slice(0, cut)}${joint}`, ...folded(`      ${line.slice(cut).trimStart()}`)];
}
