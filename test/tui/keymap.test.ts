import { describe, expect, it } from 'vitest';
import {
  actionFor,
  chordsOf,
  isCommandWhileTyping,
  KEY_CONTEXTS,
  KEYMAP,
  type KeyContext,
} from '../../src/tui/keymap.ts';
import { helpOf, hintsOf, keymapMarkdown } from '../../src/tui/keymap-text.ts';
import { keysOf } from '../support/test-console.tsx';

const CONTEXTS = Object.keys(KEY_CONTEXTS) as KeyContext[];
const all = () => true;

/** What terminals send for the keys of the table: xterm, the Linux console, vt220. */
const SENT: Readonly<Record<string, readonly string[]>> = {
  f1: ['\x1bOP', '\x1b[11~', '\x1b[[A'],
  f2: ['\x1bOQ', '\x1b[12~', '\x1b[[B'],
  f3: ['\x1bOR', '\x1b[13~', '\x1b[[C'],
  f5: ['\x1b[15~', '\x1b[[E'],
  f12: ['\x1b[24~'],
  escape: ['\x1b'],
  enter: ['\r', '\n'],
  tab: ['\t'],
  backtab: ['\x1b[Z'],
  space: [' '],
  up: ['\x1b[A', '\x1bOA'],
  down: ['\x1b[B', '\x1bOB'],
  right: ['\x1b[C', '\x1bOC'],
  left: ['\x1b[D', '\x1bOD'],
  'page-up': ['\x1b[5~'],
  'page-down': ['\x1b[6~'],
  home: ['\x1b[H', '\x1b[1~', '\x1bOH'],
  end: ['\x1b[F', '\x1b[4~', '\x1bOF'],
  delete: ['\x1b[3~'],
  'ctrl-b': ['\x02'],
  'ctrl-c': ['\x03'],
  'ctrl-f': ['\x06'],
  'ctrl-l': ['\x0c'],
};

describe('the keymap', () => {
  it('has no key twice in one context', () => {
    for (const context of CONTEXTS) {
      const keys = KEYMAP.filter((binding) => binding.context === context).flatMap((binding) => [...binding.keys]);
      expect(new Set(keys).size, context).toBe(keys.length);
    }
  });

  it.each([...new Set(KEYMAP.flatMap((binding) => [...binding.keys]))])(
    'understands what terminals send for %s',
    (chord) => {
      const sent = SENT[chord] ?? (/^[!-~]$/.test(chord) ? [chord] : []);
      expect(sent, `nothing is known to send ${chord}`).not.toEqual([]);
      for (const bytes of sent) expect(keysOf(bytes).flatMap(chordsOf), JSON.stringify(bytes)).toEqual([chord]);
    },
  );

  it('says Yes by a key that begins nothing anywhere else, and by none of those that say No', () => {
    const yes = KEYMAP.filter((binding) => binding.action === 'yes').flatMap((binding) => [...binding.keys]);
    expect(yes.length).toBeGreaterThan(0);
    const others = KEYMAP.filter((binding) => binding.action !== 'yes').flatMap(
      (binding) => [...binding.keys] as string[],
    );
    for (const chord of yes) expect(others).not.toContain(chord);
    for (const chord of ['enter', 'escape', 'f12', 'n']) expect(actionFor(['confirm'], chord)).toBe('no');
  });

  it('takes a paste for text, never for commands', () => {
    expect(keysOf('\x1b[200~Dy\rq\x1b[201~').flatMap(chordsOf)).toEqual([]);
  });

  it('leaves letters, space and editing keys to a field while somebody types', () => {
    for (const chord of ['q', 'y', '?', '/', 'D', 'space', 'backspace', 'ctrl-u'])
      expect(isCommandWhileTyping(chord)).toBe(false);
    for (const chord of ['enter', 'escape', 'f1', 'f3', 'f12', 'tab', 'up', 'ctrl-c'])
      expect(isCommandWhileTyping(chord)).toBe(true);
  });

  it('lets the more particular context decide', () => {
    expect(actionFor(['users', 'list', 'console'], 'escape')).toBe('clear');
    expect(actionFor(['user', 'console'], 'escape')).toBe('back');
    expect(actionFor(['conversation', 'always'], 'f3')).toBe('cancel');
    expect(actionFor(['form', 'always'], 'f3')).toBe('leave');
  });
});

describe('the keymap as people read it', () => {
  it('hints and helps only at what is offered now', () => {
    const offers = (action: string): boolean => action !== 'require' && action !== 'add';
    const hints = hintsOf(['users', 'list', 'console'], offers).map((hint) => hint.text);
    expect(hints).toContain('Search');
    expect(hints).not.toContain('Require 2FA');
    const help = helpOf(['users', 'list', 'console'], offers).flatMap((section) => section.rows.map((row) => row.text));
    expect(help).not.toContain('Add a user');
  });

  it('shows no key in the help that another context has taken', () => {
    const rows = helpOf(['users', 'console'], all).flatMap((section) => section.rows);
    expect(rows.filter((row) => row.keys.split(', ').includes('Esc'))).toHaveLength(1);
  });

  it('fits 80 columns with every line of help', () => {
    for (const context of CONTEXTS) {
      for (const { rows } of helpOf([context], all)) {
        for (const { keys, text } of rows) {
          expect(keys.length, keys).toBeLessThanOrEqual(27);
          expect(text.length, text).toBeLessThanOrEqual(52);
        }
      }
    }
  });

  it('makes a Markdown table of every binding', () => {
    const lines = keymapMarkdown().split('\n');
    expect(lines).toHaveLength(KEYMAP.length + 2);
    for (const line of lines) expect(line).toMatch(/^\|.*\|$/);
    expect(lines.join('\n')).toContain('| Users | R | Require 2FA: all, group, selection |');
  });
});
