/** The part of Markdown that our documents are written in, as blocks: what manual pages are made of. */

/** Texts are inline Markdown: `code`, **strong**, *variable*, [text](link), and a backslash before what is meant as it stands. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'definitions'; readonly items: readonly Definition[] };

export type Definition = { readonly term: string; readonly blocks: readonly Block[] };

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  const takeWhile = (belongs: (line: string) => boolean): string[] => {
    const end = lines.findIndex((line) => !belongs(line));
    return lines.splice(0, end < 0 ? lines.length : end);
  };
  while (lines.length > 0) {
    const line = lines[0] ?? '';
    const heading = /^(#+) (.*)$/.exec(line);
    if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' });
      lines.shift();
    } else if (line.startsWith('```')) {
      lines.shift();
      blocks.push({ kind: 'code', lines: takeWhile((inside) => !inside.startsWith('```')) });
      lines.shift();
    } else if (line.startsWith('|')) {
      const [head = [], , ...rows] = takeWhile((row) => row.startsWith('|')).map(cellsOf);
      blocks.push({ kind: 'table', head, rows });
    } else if (line.startsWith('- ')) {
      blocks.push({ kind: 'list', items: itemsOf(takeWhile((item) => /^(- | {2})/.test(item))) });
    } else if (line.trim() === '') {
      lines.shift();
    } else {
      blocks.push({ kind: 'paragraph', text: takeWhile(isProse).join(' ') });
    }
  }
  return blocks;
}

/** What stands under the heading of that text, with the headings below it. Throws where the document has no such heading. */
export function sectionOf(document: readonly Block[], title: string): readonly Block[] {
  const start = document.findIndex((block) => block.kind === 'heading' && block.text === title);
  const heading = document[start];
  if (heading?.kind !== 'heading') throw new Error(`The document has no section ${title}.`);
  const rest = document.slice(start + 1);
  const end = rest.findIndex((block) => block.kind === 'heading' && block.level <= heading.level);
  return end < 0 ? rest : rest.slice(0, end);
}

/** The only table under that heading. */
export function tableOf(document: readonly Block[], title: string): Extract<Block, { kind: 'table' }> {
  const [table, ...more] = sectionOf(document, title).filter((block) => block.kind === 'table');
  if (table === undefined || more.length > 0) throw new Error(`The section ${title} has not one table.`);
  return table;
}

/** Inline Markdown that shows `text` as it stands. */
export function plain(text: string): string {
  return text.replace(/[\\`*[\]]/g, '\\$&');
}

function cellsOf(row: string): readonly string[] {
  const cells = row.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('\\<', '<'));
}

/** A line that is set in goes on with the item before. */
function itemsOf(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .slice(2)
    .split('\n- ')
    .map((item) => item.replace(/\n */g, ' '));
}

function isProse(line: string): boolean {
  return line.trim() !== '' && !/^(#+ |```|\||- )/.test(line);
}
