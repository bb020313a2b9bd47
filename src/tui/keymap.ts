/**
 * Every key of the console, once: what it does, what the hint bar says and what the help says. Handling, hint bar, help
 * overlay and the table of the README are all read off this list. PURE.
 */
import type { Key } from '../terminal/keys.ts';

/** Where a key counts. A layer names its contexts, the most particular first. */
export const KEY_CONTEXTS = {
  always: 'Everywhere',
  console: 'Screens',
  list: 'Lists',
  users: 'Users',
  search: 'While searching',
  user: 'User Properties',
  qr: 'QR Code',
  overview: 'Overview',
  config: 'Config',
  audit: 'Audit',
  form: 'Forms',
  confirm: 'Questions',
  'typed-name': 'Questions that want the name typed',
  told: 'Messages',
  conversation: 'Signing in',
  help: 'Help',
} as const;
export type KeyContext = keyof typeof KEY_CONTEXTS;

/** A key as the table writes it: a KeyName, `space`, `ctrl-x`, or one printable character. */
export type Chord = string;

export type Binding = {
  readonly context: KeyContext;
  readonly keys: readonly Chord[];
  readonly action: string;
  /** For the hint bar, one or two words; without it the key stands in the help alone. */
  readonly hint?: string;
  readonly help: string;
};

export const KEYMAP = [
  { context: 'always', keys: ['f1'], action: 'help', hint: 'Help', help: 'Show or hide this help' },
  { context: 'always', keys: ['f3', 'ctrl-c'], action: 'leave', help: 'Leave the console, whatever it shows' },
  { context: 'always', keys: ['ctrl-l', 'f5'], action: 'redraw', help: 'Draw the screen again' },

  { context: 'console', keys: ['?'], action: 'help', hint: 'Help', help: 'Show or hide this help' },
  { context: 'console', keys: ['escape', 'f12'], action: 'back', hint: 'Back', help: 'Back to where you came from' },
  { context: 'console', keys: ['q'], action: 'leave', hint: 'Leave', help: 'Leave the console' },
  { context: 'console', keys: ['tab'], action: 'next-screen', hint: 'Screens', help: 'Next screen' },
  { context: 'console', keys: ['backtab'], action: 'previous-screen', help: 'Previous screen' },
  { context: 'console', keys: ['Z'], action: 'lock', help: 'Lock the console; sign in again to go on' },

  { context: 'list', keys: ['up', 'k'], action: 'up', help: 'One row up' },
  { context: 'list', keys: ['down', 'j'], action: 'down', help: 'One row down' },
  { context: 'list', keys: ['page-up', 'ctrl-b'], action: 'page-up', help: 'One page up' },
  { context: 'list', keys: ['page-down', 'ctrl-f'], action: 'page-down', help: 'One page down' },
  { context: 'list', keys: ['home', 'g'], action: 'first', help: 'To the first row' },
  { context: 'list', keys: ['end', 'G'], action: 'last', help: 'To the last row' },

  { context: 'users', keys: ['enter'], action: 'open', hint: 'Properties', help: 'Everything about this user' },
  { context: 'users', keys: ['/'], action: 'search', hint: 'Search', help: 'Search as you type, in every column' },
  { context: 'users', keys: ['space'], action: 'mark', hint: 'Select', help: 'Select this user, or no longer' },
  { context: 'users', keys: ['*'], action: 'mark-shown', help: 'Select all users shown, or none of them' },
  { context: 'users', keys: ['R'], action: 'require', hint: 'Require 2FA', help: 'Require 2FA: all, group, selection' },
  { context: 'users', keys: ['n'], action: 'add', hint: 'New', help: 'Add a user' },
  { context: 'users', keys: ['f'], action: 'filter-state', hint: 'State', help: 'Only users of one two-factor state' },
  { context: 'users', keys: ['F'], action: 'filter-group', hint: 'Group', help: 'Only users of one group' },
  { context: 'users', keys: ['>', 'right'], action: 'sort-next', hint: 'Sort', help: 'Sort by the next column' },
  { context: 'users', keys: ['<', 'left'], action: 'sort-previous', help: 'Sort by the column before' },
  { context: 'users', keys: ['r'], action: 'sort-reverse', help: 'Sort the other way round' },
  {
    context: 'users',
    keys: ['escape', 'u', 'f12'],
    action: 'clear',
    hint: 'Clear',
    help: 'Drop search, filters and selection',
  },

  { context: 'search', keys: ['enter', 'tab'], action: 'search-keep', hint: 'To the list', help: 'Keep the search' },
  { context: 'search', keys: ['escape', 'f12'], action: 'search-drop', hint: 'Clear', help: 'Clear the search' },
  { context: 'search', keys: ['up'], action: 'up', help: 'One row up' },
  { context: 'search', keys: ['down'], action: 'down', help: 'One row down' },
  { context: 'search', keys: ['page-up'], action: 'page-up', help: 'One page up' },
  { context: 'search', keys: ['page-down'], action: 'page-down', help: 'One page down' },

  { context: 'user', keys: ['a'], action: 'activate', hint: 'Activate', help: 'Require 2FA for this user' },
  { context: 'user', keys: ['D'], action: 'deactivate', hint: 'Deactivate', help: 'Deactivate 2FA; cannot be undone' },
  { context: 'user', keys: ['s'], action: 'show-qr', hint: 'QR Code', help: 'Show the QR code of this user' },
  {
    context: 'user',
    keys: ['o'],
    action: 'one-time',
    hint: 'One-time code',
    help: 'Make a code good once, for 1 hour',
  },
  { context: 'user', keys: ['c'], action: 'recovery', hint: 'Recovery codes', help: 'Make ten new recovery codes' },
  { context: 'user', keys: ['p'], action: 'set-password', hint: 'Password', help: 'Set a new password' },
  { context: 'user', keys: ['l'], action: 'unlock', hint: 'Unlock', help: 'Let the user try again at once' },
  { context: 'user', keys: ['x'], action: 'switch-off', hint: 'Disable', help: 'Disable the account' },
  { context: 'user', keys: ['E'], action: 'switch-on', hint: 'Enable', help: 'Enable the account again' },
  { context: 'user', keys: ['e'], action: 'edit', hint: 'Edit', help: 'Edit display name, group and role' },
  { context: 'user', keys: ['delete', 'X'], action: 'remove', help: 'Remove the user' },

  {
    context: 'qr',
    keys: ['i'],
    action: 'invert',
    hint: 'Swap light and dark',
    help: 'Draw the code the other way round',
  },

  {
    context: 'overview',
    keys: ['enter'],
    action: 'show-warnings',
    hint: 'To mend',
    help: 'Everything that is to be mended, and how',
  },
  { context: 'overview', keys: ['d'], action: 'examine', hint: 'Doctor', help: 'Look the whole facility over' },

  { context: 'config', keys: ['enter', 'e'], action: 'change', hint: 'Change', help: 'Change this setting' },
  { context: 'config', keys: ['d'], action: 'default', hint: 'Default', help: 'Back to the default of this setting' },
  { context: 'config', keys: ['u'], action: 'undo', hint: 'Undo', help: 'Leave this setting as the file has it' },
  { context: 'config', keys: ['s'], action: 'save', hint: 'Save', help: 'Save what was changed, after a question' },

  {
    context: 'audit',
    keys: ['/'],
    action: 'search',
    hint: 'Search',
    help: 'Search as you type: user, event, terminal',
  },
  {
    context: 'audit',
    keys: ['v'],
    action: 'verify',
    hint: 'Verify',
    help: 'Check that no record was changed or removed',
  },
  { context: 'audit', keys: ['escape', 'u', 'f12'], action: 'clear', hint: 'Clear', help: 'Drop the search' },

  { context: 'form', keys: ['tab', 'down'], action: 'next-field', hint: 'Next field', help: 'To the next field' },
  { context: 'form', keys: ['backtab', 'up'], action: 'previous-field', help: 'To the field before' },
  { context: 'form', keys: ['right'], action: 'next-choice', hint: 'Choose', help: 'The next of the choices' },
  { context: 'form', keys: ['left'], action: 'previous-choice', help: 'The choice before' },
  { context: 'form', keys: ['enter'], action: 'submit', hint: 'Go on', help: 'Take what the form says' },
  { context: 'form', keys: ['escape', 'f12'], action: 'cancel', hint: 'Cancel', help: 'Give up; nothing changes' },

  { context: 'confirm', keys: ['y', 'Y'], action: 'yes', hint: 'Yes', help: 'Yes, do it' },
  { context: 'confirm', keys: ['n', 'N', 'enter', 'escape', 'f12'], action: 'no', hint: 'No', help: 'No' },
  { context: 'confirm', keys: ['up', 'k'], action: 'up', help: 'Scroll up' },
  { context: 'confirm', keys: ['down', 'j'], action: 'down', help: 'Scroll down' },
  { context: 'confirm', keys: ['page-up'], action: 'page-up', help: 'Scroll a page up' },
  { context: 'confirm', keys: ['page-down', 'space'], action: 'page-down', help: 'Scroll a page down' },

  { context: 'typed-name', keys: ['enter'], action: 'submit', hint: 'Do it', help: 'Do it, if the name is right' },
  { context: 'typed-name', keys: ['escape', 'f12'], action: 'no', hint: 'Cancel', help: 'Give up; nothing changes' },

  { context: 'told', keys: ['enter', 'escape', 'f12'], action: 'close', hint: 'Close', help: 'Close the message' },
  { context: 'told', keys: ['up', 'k'], action: 'up', help: 'Scroll up' },
  { context: 'told', keys: ['down', 'j'], action: 'down', help: 'Scroll down' },
  { context: 'told', keys: ['page-up'], action: 'page-up', help: 'Scroll a page up' },
  { context: 'told', keys: ['page-down', 'space'], action: 'page-down', help: 'Scroll a page down' },

  { context: 'conversation', keys: ['enter'], action: 'answer', hint: 'Go on', help: 'Give the answer' },
  { context: 'conversation', keys: ['up', 'backtab', 'left'], action: 'previous-choice', help: 'The choice before' },
  { context: 'conversation', keys: ['down', 'tab', 'right'], action: 'next-choice', help: 'The next choice' },
  {
    context: 'conversation',
    keys: ['escape', 'f3', 'f12', 'ctrl-c'],
    action: 'cancel',
    hint: 'Cancel',
    help: 'Give up',
  },
  { context: 'conversation', keys: ['f2'], action: 'invert', help: 'Swap light and dark of a QR code' },

  {
    context: 'help',
    keys: ['?', 'f1', 'escape', 'f12', 'enter'],
    action: 'close',
    hint: 'Close',
    help: 'Close the help',
  },
  { context: 'help', keys: ['up', 'k'], action: 'up', help: 'Scroll up' },
  { context: 'help', keys: ['down', 'j'], action: 'down', help: 'Scroll down' },
  { context: 'help', keys: ['page-up'], action: 'page-up', help: 'Scroll a page up' },
  { context: 'help', keys: ['page-down', 'space'], action: 'page-down', help: 'Scroll a page down' },
] as const satisfies readonly Binding[];

export type Action = (typeof KEYMAP)[number]['action'];

/** What a chord does in these contexts; the first context that has it decides. */
export function actionFor(contexts: readonly KeyContext[], chord: Chord): Action | undefined {
  for (const context of contexts) {
    const action = BY_CONTEXT.get(context)?.get(chord);
    if (action !== undefined) return action;
  }
  return undefined;
}

/** The chords of a key: one for each character of typed text. A paste is text for a field and never a command. */
export function chordsOf(key: Key): readonly Chord[] {
  switch (key.kind) {
    case 'named':
      return [key.name];
    case 'control':
      return [`ctrl-${key.letter}`];
    case 'text':
      return [...key.text].map((character) => (character === ' ' ? 'space' : character));
    case 'paste':
    case 'unknown':
      return [];
  }
}

/** Keys that a field cannot take for text: they are commands while somebody types, too. */
export function isCommandWhileTyping(chord: Chord): boolean {
  return [...chord].length > 1 && chord !== 'space' && !EDITING.has(chord);
}

/** What a field needs to edit with. */
const EDITING: ReadonlySet<Chord> = new Set(['backspace', 'delete', 'ctrl-u', 'ctrl-w', 'ctrl-h']);

const BY_CONTEXT: ReadonlyMap<KeyContext, ReadonlyMap<Chord, Action>> = index(KEYMAP);

function index(bindings: readonly (typeof KEYMAP)[number][]): Map<KeyContext, Map<Chord, Action>> {
  const contexts = new Map<KeyContext, Map<Chord, Action>>();
  for (const { context, keys, action } of bindings) {
    const chords = contexts.get(context) ?? new Map<Chord, Action>();
    for (const chord of keys) chords.set(chord, action);
    contexts.set(context, chords);
  }
  return contexts;
}
