/** Writes the parts of README.md and config.ini.example that are made from the program's own tables: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { exitStatusMarkdown } from '../src/cli/exit-status-table.ts';
import { exampleConfig, settingsMarkdown } from '../src/core/config/example.ts';
import { keymapMarkdown } from '../src/tui/keymap-text.ts';

/** README.md with its made parts as they should be. */
export function renderedReadme(text: string): string {
  const parts = [
    ['exit-statuses', exitStatusMarkdown()],
    ['settings', settingsMarkdown()],
    ['keys', keymapMarkdown()],
  ] as const;
  return parts.reduce((readme, [part, made]) => between(readme, part, made), text);
}

function between(text: string, part: string, made: string): string {
  const [open, close] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < start) throw new Error(`README.md has no ${open} ... ${close}`);
  return `${text.slice(0, start + open.length)}\n${made.trim()}\n${text.slice(end)}`;
}

if (import.meta.main) {
  writeFileSync('README.md', renderedReadme(readFileSync('README.md', 'utf8')));
  writeFileSync('config.ini.example', exampleConfig());
}
