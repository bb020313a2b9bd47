/**
 * What can have the keyboard: a screen, a dialogue, the lock. It acts on its own state at once; drawing follows. No React
 * in here but for the type of what draws it.
 */
import type { ReactNode } from 'react';
import type { Key } from '../terminal/keys.ts';
import type { Action, KeyContext } from './keymap.ts';
import type { Look } from './look.ts';

export type Size = { readonly columns: number; readonly rows: number };

/** What a view is given besides its own state. */
export type ViewProps = {
  /** Columns and rows it may use. */
  readonly room: Size;
  readonly look: Look;
};

export type Panel = {
  /** The contexts of the keymap that count now, the most particular first. */
  contexts(): readonly KeyContext[];
  /** False where the action makes no sense now or the actor may not; its key then does nothing and stands nowhere. */
  offers(action: Action): boolean;
  act(action: Action): void;
  /**
   * What it asks, as an object that is another one for each question; keys that came before that one was on the screen do
   * nothing. Undefined: the panel itself is the question.
   */
  question?(): object;
  /** True while a field has the keyboard: characters are text then, and only named keys are commands. */
  typing(): boolean;
  /** What was typed into the field: text, paste, Backspace and its like. */
  type(key: Key): void;
  /** Once a second, and when the window changes. */
  tick?(now: number): void;
  /** The console is locked or left: whatever is secret has to go from the state. */
  forget?(): void;
  /** As Ink draws it; follows the state by itself. */
  draw(props: ViewProps): ReactNode;
};

export type ScreenId = 'overview' | 'users' | 'user' | 'qr' | 'config' | 'audit' | 'wizard';

export type OpenScreen = Panel & {
  readonly id: ScreenId;
  /** For the header; inert. */
  title(): string;
  /** Somebody has written to the store: read again what is shown. */
  refresh?(): Promise<void>;
  /** What would be lost if it were left now, in a sentence; undefined: nothing. */
  unsaved?(): string | undefined;
};
