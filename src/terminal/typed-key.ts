/** The key to type by hand, in lines of whole groups. */

/** `key` comes in groups of four with a space between; lines hold as nearly as many groups each as `columns` allow. */
export function keyLines(key: string, columns: number): readonly string[] {
  const groups = key.split(' ').filter((group) => group !== '');
  const mostPerLine = Math.max(1, Math.floor((columns + 1) / (GROUP_CHARACTERS + 1)));
  const lineCount = Math.ceil(groups.length / mostPerLine);
  const perLine = Math.ceil(groups.length / Math.max(1, lineCount));
  return Array.from({ length: lineCount }, (_, line) => groups.slice(line * perLine, (line + 1) * perLine).join(' '));
}

const GROUP_CHARACTERS = 4;
