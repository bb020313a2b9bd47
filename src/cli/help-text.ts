/** What stands below the options in a help text: a paragraph, and calls to copy. */
import { wrapText } from '../terminal/wrap-text.ts';

export function helpText(help: { readonly paragraph?: string; readonly examples: readonly string[] }): string {
  const lines = help.paragraph === undefined ? [] : ['', ...wrapText(help.paragraph, COLUMNS)];
  return [...lines, '', 'Examples:', ...help.examples.map((line) => `  ${line}`), ''].join('\n');
}

/** Every terminal has them. */
const COLUMNS = 78;
