/**
 * The set-up wizard without its drawing: dialogues one after the other on a console that has no facility yet, by the same keymap
 * and the same rules as the console itself.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { SETTINGS } from '../core/config/settings.ts';
import type { Clock } from '../core/ports.ts';
import type { Key } from '../terminal/keys.ts';
import { contextsOf, offersIn, press } from './console-keys.ts';
import { type ConsoleState, INITIAL_CONSOLE, roomIn, topPanel, topQuestion } from './console-state.ts';
import type { DialogueDesk } from './desk.ts';
import type { Dialogue } from './dialogue.ts';
import { type SetUpDone, type SetUpService, setUp } from './flows/set-up.ts';
import { createHelp } from './help.tsx';
import type { Action } from './keymap.ts';
import { helpOf } from './keymap-text.ts';
import type { Look } from './look.ts';
import type { Size } from './panel.ts';
import { openQr } from './screens/qr-model.tsx';

export type SetUpEnd =
  | { readonly kind: 'set-up'; readonly admin: string }
  | { readonly kind: 'left'; readonly status: number };

export type SetUpConsole = {
  readonly store: StoreApi<ConsoleState>;
  look(): Look;
  /** Runs the wizard; `onEnd` is called once. */
  start(): void;
  question(): object | undefined;
  wasRead(question: object | undefined): void;
  press(keys: readonly Key[]): void;
  resize(size: Size): void;
  tick(): void;
  leave(status: number): void;
};

export function createSetUpConsole(from: {
  readonly service: SetUpService;
  readonly clock: Clock;
  readonly look: () => Look;
  readonly size: Size;
  readonly onEnd: (end: SetUpEnd) => void;
  readonly onRedraw: () => void;
}): SetUpConsole {
  const { service, clock, look, onEnd } = from;
  const store = createStore<ConsoleState>(() => ({ ...INITIAL_CONSOLE, size: from.size }));
  const { getState, setState } = store;
  let read: object | undefined;

  const desk: DialogueDesk = {
    clock,
    look,
    config: () => ({
      terminal: { qr: 'auto', colour: 'auto', qrSeconds: SETTINGS['Terminal.QrSeconds'].fallback },
    }),
    room: () => roomIn(getState().size),
    show(dialogue) {
      if (getState().left === undefined) setState(({ dialogues }) => ({ dialogues: [...dialogues, dialogue] }));
    },
    hide: (dialogue) => setState(({ dialogues }) => ({ dialogues: dialogues.filter((one) => one !== dialogue) })),
  };

  async function run(): Promise<void> {
    const done = await setUp(desk, service);
    if (getState().left !== undefined) return;
    if (done === undefined) {
      leave(130);
      return;
    }
    if (done.qr !== undefined) await showOwnQr(done.qr);
    if (getState().left !== undefined) return;
    setState({ left: 0 });
    onEnd({ kind: 'set-up', admin: done.admin });
  }

  /** Until it is closed. */
  async function showOwnQr(shown: NonNullable<SetUpDone['qr']>): Promise<void> {
    const qr = await openQr(desk, shown);
    await new Promise<void>((resolve) => {
      function close(): void {
        qr.forget?.();
        desk.hide(dialogue);
        resolve();
      }
      const dialogue: Dialogue = {
        ...qr,
        contexts: () => ['qr', 'told'],
        offers: (action) => action === 'close' || qr.offers(action),
        act: (action) => (action === 'close' ? close() : qr.act(action)),
        dismiss: close,
      };
      desk.show(dialogue);
    });
  }

  function leave(status: number): void {
    if (getState().left !== undefined) return;
    setState({ left: status });
    for (const dialogue of getState().dialogues) dialogue.dismiss();
    setState({ dialogues: [], help: undefined });
    onEnd({ kind: 'left', status });
  }

  function showHelp(): void {
    const state = getState();
    const panel = topPanel(state);
    if (panel === undefined) return;
    const sections = helpOf(contextsOf(state, panel), offersIn(state, panel));
    setState({ help: createHelp({ sections, room: desk.room, look, onClose: () => setState({ help: undefined }) }) });
  }

  function actForAll(action: Action): void {
    if (action === 'leave') leave(130);
    else if (action === 'help') showHelp();
    else if (action === 'redraw') from.onRedraw();
  }

  return {
    store,
    look,
    start: () => void run(),
    question: () => topQuestion(getState()),
    wasRead(question) {
      read = question;
    },
    press(keys) {
      for (const key of keys) {
        if (getState().left !== undefined) return;
        press({ getState, read, actForAll }, key);
      }
      setState(({ beat }) => ({ beat: beat + 1 }));
    },
    resize: (size) => setState({ size }),
    tick: () => topPanel(getState())?.tick?.(clock.now()),
    leave,
  };
}
