/** What a key is for a field that ink-text-input edits: text without anything that steers a terminal, or Backspace. PURE. */
import { inert } from '../core/visible-text.ts';
import type { Key } from '../terminal/keys.ts';
import { INK_BACKSPACE } from './terminal-session.ts';

/** Undefined: the key is none for such a field. */
export function typedIntoInk(key: Key): string | undefined {
  switch (key.kind) {
    case 'text':
      return visible(key.text);
    case 'paste':
      return visible(key.text.replace(/\s+/g, ' '));
    case 'named':
      return key.name === 'backspace' || key.name === 'delete' ? INK_BACKSPACE : undefined;
    case 'control':
    case 'unknown':
      return undefined;
  }
}

/** Invisible characters are left out: `inert` would spell each of them out. Half of a pair of code units would stay behind Backspace. */
function visible(text: string): string {
  return [...text].filter((character) => character.length === 1 && inert(character) === character).join('');
}
