/** The keymap as people read it: hint bar, help overlay and the table of the README. PURE. */
import { type Action, type Binding, type Chord, KEY_CONTEXTS, KEYMAP, type KeyContext } from './keymap.ts';

export type Hint = { readonly keys: string; readonly text: string };
export type HelpSection = { readonly title: string; readonly rows: readonly Hint[] };

export type Offers = (action: Action) => boolean;

/** The hints of these contexts, each action once, the most particular context first. Only what is offered now. */
export function hintsOf(contexts: readonly KeyContext[], offers: Offers): readonly Hint[] {
  return inForce(contexts, offers)
    .filter((binding) => binding.hint !== undefined)
    .map((binding) => ({ keys: keysText(binding.keys.slice(0, 1)), text: binding.hint ?? '' }));
}

/** Everything these contexts understand, a section each. */
export function helpOf(contexts: readonly KeyContext[], offers: Offers): readonly HelpSection[] {
  const bindings = inForce(contexts, offers);
  return contexts
    .map((context) => ({
      title: KEY_CONTEXTS[context],
      rows: bindings
        .filter((binding) => binding.context === context)
        .map((binding) => ({ keys: keysText(binding.keys), text: binding.help })),
    }))
    .filter((section) => section.rows.length > 0);
}

/** A Markdown table of all keys, for the README. */
export function keymapMarkdown(): string {
  const rows = KEYMAP.map(
    (binding) =>
      `| ${KEY_CONTEXTS[binding.context]} | ${keysText(binding.keys).replaceAll('|', '\\|')} | ${binding.help} |`,
  );
  return ['| Where | Keys | What they do |', '| --- | --- | --- |', ...rows].join('\n');
}

export function keysText(keys: readonly Chord[]): string {
  return keys.map(chordText).join(', ');
}

/** As it stands on a keyboard. */
export function chordText(chord: Chord): string {
  const named = KEY_TEXT[chord];
  if (named !== undefined) return named;
  if (/^f\d+$/.test(chord)) return chord.toUpperCase();
  return chord.startsWith('ctrl-') ? `Ctrl-${chord.slice(5).toUpperCase()}` : chord;
}

const KEY_TEXT: Readonly<Record<Chord, string>> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  backtab: 'Shift-Tab',
  space: 'Space',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  home: 'Home',
  end: 'End',
  delete: 'Del',
  'page-up': 'PgUp',
  'page-down': 'PgDn',
};

/** A chord that a more particular context has taken is not in force, nor is an action that is not offered. */
function inForce(contexts: readonly KeyContext[], offers: Offers): readonly Binding[] {
  const taken = new Set<Chord>();
  const all: Binding[] = [];
  for (const context of contexts) {
    const own = KEYMAP.filter((binding) => binding.context === context);
    for (const binding of own) {
      const keys = binding.keys.filter((chord) => !taken.has(chord));
      if (keys.length > 0 && offers(binding.action)) all.push({ ...binding, keys });
    }
    for (const binding of own) for (const chord of binding.keys) taken.add(chord);
  }
  return all;
}
