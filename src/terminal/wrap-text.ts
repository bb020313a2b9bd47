/** Plain text broken into lines that surely fit: what may be two columns wide on some terminal counts as two. */

/** At most `columns` wide each; words that are wider by themselves are cut. A line break in `text` starts a new line. */
export function wrapText(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, columns)));
}

/** Printable ASCII is one column everywhere; about anything else terminals disagree, so it counts as two. */
export function mostColumns(text: string): number {
  return [...text].reduce((sum, character) => sum + (/^[ -~]$/.test(character) ? 1 : 2), 0);
}

function wrapLine(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (mostColumns(joined) <= columns) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    const pieces = cut(word, columns);
    lines.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? '';
  }
  return [...lines, current];
}

function cut(word: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let current = '';
  for (const character of word) {
    if (current !== '' && mostColumns(current + character) > columns) {
      pieces.push(current);
      current = '';
    }
    current += character;
  }
  return [...pieces, current];
}
