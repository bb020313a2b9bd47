/**
 * From a key to what it does: the layer on top has it, its contexts say which action it is, the store does it. Invariant: a key
 * that was typed before the question on top could be read does nothing.
 */
import type { Key } from '../terminal/keys.ts';
import { type ConsoleState, fits, topPanel, topQuestion } from './console-state.ts';
import { type Action, actionFor, type Chord, chordsOf, isCommandWhileTyping, type KeyContext } from './keymap.ts';
import type { Panel } from './panel.ts';

export type KeyTarget = {
  getState(): ConsoleState;
  /** The question that was on the screen when what is pressed was typed. */
  readonly read: object | undefined;
  /** What is the same on every screen. */
  actForAll(action: Action): void;
};

export function press(target: KeyTarget, key: Key): void {
  // Each character may open or close a layer: the next one goes to whatever is on top then.
  if (key.kind === 'text') {
    const characters = [...key.text];
    for (const [index, character] of characters.entries()) {
      if (topQuestion(target.getState()) !== target.read) return;
      const panel = topPanel(target.getState());
      if (panel?.typing()) {
        type(target, panel, { kind: 'text', text: characters.slice(index).join('') });
        return;
      }
      for (const chord of chordsOf({ kind: 'text', text: character })) command(target, chord);
    }
    return;
  }
  if (topQuestion(target.getState()) !== target.read) return;
  const panel = topPanel(target.getState());
  const [chord] = chordsOf(key);
  if (panel?.typing() && (chord === undefined || !isCommandWhileTyping(chord))) type(target, panel, key);
  else if (chord !== undefined) command(target, chord);
}

/** The contexts in which a panel's keys are looked up. A dialogue has none of the keys that change screens. */
export function contextsOf(state: ConsoleState, panel: Panel): readonly KeyContext[] {
  const isScreen = state.screens.some((screen) => screen === panel);
  return isScreen && !panel.typing() ? [...panel.contexts(), 'console', 'always'] : [...panel.contexts(), 'always'];
}

/** Whether a key of this panel would do anything now. */
export function offersIn(state: ConsoleState, panel: Panel): (action: Action) => boolean {
  return (action) => (isForAll(action) ? offersForAll(state, action) : panel.offers(action));
}

/** In a window too small to show what a key would do, keys do nothing but leave. */
function command(target: KeyTarget, chord: Chord): void {
  const state = target.getState();
  const panel = topPanel(state);
  if (fits(state.size) === 'too-small') {
    if (actionFor(['console', 'always'], chord) === 'leave') target.actForAll('leave');
    return;
  }
  if (panel === undefined) {
    if (actionFor(['always'], chord) === 'leave') target.actForAll('leave');
    return;
  }
  const action = actionFor(contextsOf(state, panel), chord);
  if (action === undefined || !offersIn(state, panel)(action)) return;
  if (isForAll(action)) target.actForAll(action);
  else panel.act(action);
}

function type(target: KeyTarget, panel: Panel, key: Key): void {
  if (fits(target.getState().size) === 'fits') panel.type(key);
}

const FOR_ALL: readonly Action[] = ['help', 'leave', 'redraw', 'back', 'next-screen', 'previous-screen', 'lock'];

function isForAll(action: Action): boolean {
  return FOR_ALL.includes(action);
}

function offersForAll(state: ConsoleState, action: Action): boolean {
  if (action === 'back') return state.screens.length > 1;
  if (action === 'help') return state.gateway === undefined;
  return true;
}
