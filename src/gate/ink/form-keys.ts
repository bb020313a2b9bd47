/** The form's keys, in one table: what each does, its place in the hint bar, its line of help. */
import type { Colour } from '../../terminal/capabilities.ts';
import type { Key, KeyName } from '../../terminal/keys.ts';
import type { FormView } from './form-view.ts';

export type FormAction = 'enter' | 'cancel' | 'help' | 'picture' | 'polarity' | 'up' | 'down' | 'redraw';

export type FormKey = {
  readonly action: FormAction;
  readonly names: readonly KeyName[];
  /** Letters with Ctrl. */
  readonly control?: readonly string[];
  /** How it is written. */
  readonly key: string;
  /** Its words in the hint bar. */
  readonly hint: (at: { readonly view: FormView; readonly colour: Colour }) => string | undefined;
  readonly help: string;
};

/** In the order in which a narrow hint bar keeps them. */
export const FORM_KEYS: readonly FormKey[] = [
  { action: 'enter', names: ['enter'], key: 'Enter', hint: () => 'Go on', help: 'Go on with what was typed or chosen' },
  {
    action: 'cancel',
    names: ['escape', 'f3', 'f12'],
    control: ['c', '\\'],
    key: 'Esc',
    hint: ({ view }) => (view.open.kind === 'over' ? undefined : 'Cancel'),
    help: 'Cancel; F3, F12 and Ctrl-C do the same',
  },
  { action: 'help', names: ['f1'], key: 'F1', hint: () => 'Help', help: 'This help, and back' },
  {
    action: 'picture',
    names: ['f6'],
    key: 'F6',
    hint: ({ view }) => view.pairing && (view.pairing.picture === 'shown' ? 'Hide QR code' : 'Show QR code'),
    help: 'Hide the QR code and the key, or show them again',
  },
  {
    action: 'polarity',
    names: ['f7'],
    key: 'F7',
    hint: ({ view, colour }) => (colour === 'none' && view.pairing?.picture === 'shown' ? 'Black/white' : undefined),
    help: 'Without colours: turn black and white round, if the QR code does not scan',
  },
  {
    action: 'up',
    names: ['up', 'backtab'],
    key: 'Up/Down',
    hint: () => undefined,
    help: 'Choose with the arrows or by number',
  },
  { action: 'down', names: ['down', 'tab'], key: 'Down', hint: () => undefined, help: '' },
  { action: 'redraw', names: [], control: ['l'], key: 'Ctrl-L', hint: () => undefined, help: 'Draw the screen again' },
];

/** Undefined for what is typed. */
export function formAction(key: Key): FormAction | undefined {
  return FORM_KEYS.find(
    ({ names, control }) =>
      (key.kind === 'named' && names.includes(key.name)) ||
      (key.kind === 'control' && (control?.includes(key.letter) ?? false)),
  )?.action;
}

/** Ctrl-C and Ctrl-\ would be signals on a terminal that is not raw: nothing holds them back. */
export function isInterrupt(key: Key): boolean {
  return key.kind === 'control' && (key.letter === 'c' || key.letter === '\\');
}
