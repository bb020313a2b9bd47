/**
 * The console without its drawing: who is signed in, which screens and dialogues are open, what the next key means. All of
 * it changes at once with the key; React only follows. Invariant: while nobody is signed in, or the console is locked, no
 * key reaches anything but the log-on, and nothing below it is drawn.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { toFault } from '../core/errors.ts';
import { mayDo } from '../core/roles.ts';
import type { Key } from '../terminal/keys.ts';
import { contextsOf, offersIn, press } from './console-keys.ts';
import {
  type ConsoleParts,
  type ConsoleState,
  INITIAL_CONSOLE,
  MESSAGE_MS,
  type Message,
  roomIn,
  topPanel,
  topQuestion,
} from './console-state.ts';
import type { Desk, SignedIn } from './desk.ts';
import { confirm } from './dialogues/confirm.tsx';
import { tell } from './dialogues/tell.tsx';
import { createHelp } from './help.tsx';
import type { Action } from './keymap.ts';
import { helpOf } from './keymap-text.ts';
import { watchStore } from './live-refresh.ts';
import type { OpenScreen, Size } from './panel.ts';
import { createScreenStack } from './screen-stack.ts';
import { firstScreen, neighbourScreen } from './screens/registry.ts';
import { lockPanel, signInPanel, stepUp, stillAllowed } from './sign-in.ts';

/** SPEC §5: idle for so long, the console is locked. */
export const IDLE_MS = 10 * 60 * 1000;

export type Console = {
  readonly store: StoreApi<ConsoleState>;
  readonly desk: Desk;
  /** Begins with the log-on. */
  start(user?: string): void;
  /** What the next key would answer. */
  question(): object | undefined;
  /** That question is on the screen now, and what was typed before is dropped. */
  wasRead(question: object | undefined): void;
  /** What came from the terminal in one piece. */
  press(keys: readonly Key[]): void;
  resize(size: Size): void;
  /** Once a second: idle lock, messages that have been read, live refresh. Resolves when a refresh it began is over. */
  tick(): Promise<void>;
  leave(status: number): void;
};

export function createConsole(parts: ConsoleParts): Console {
  const store = createStore<ConsoleState>(() => ({ ...INITIAL_CONSOLE, size: parts.size }));
  const { getState, setState } = store;
  let lastKeyAt = parts.clock.now();
  let read: object | undefined;
  const stack = createScreenStack(store, () => watch.seen());

  const desk: Desk = {
    directory: parts.directory,
    clock: parts.clock,
    config: parts.config,
    look: parts.look,
    room: () => roomIn(getState().size),
    signedIn: () => getState().signedIn,
    may(permission, target) {
      const { signedIn } = getState();
      return signedIn !== undefined && mayDo(signedIn, permission, target);
    },
    recentActivity: parts.recentActivity,
    facility: parts.facility,
    typeIntoInk: parts.typeIntoInk,
    open: stack.open,
    close,
    show: (dialogue) => setState({ dialogues: [...getState().dialogues, dialogue] }),
    hide: (dialogue) => setState({ dialogues: getState().dialogues.filter((one) => one !== dialogue) }),
    tell: (text) => say({ text, until: parts.clock.now() + MESSAGE_MS }),
    refuse: ({ text, hint }) =>
      void tell(desk, { title: 'Not done', tone: 'warning', body: { paragraphs: hint ? [text, hint] : [text] } }),
    act,
    read: (reading) => void reading().catch(refuseFault).finally(beat),
    stepUp: (reason) => stepUp(parts, desk, reason),
  };
  const watch = watchStore({
    directory: parts.directory,
    clock: parts.clock,
    onChange: refresh,
    onFault: (text) => desk.tell(text),
  });

  function beat(): void {
    setState((state) => ({ beat: state.beat + 1 }));
  }

  function say(message: Message | undefined): void {
    setState({ message });
  }

  async function act<Outcome>(
    doing: string,
    operation: (actor: SignedIn) => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    // One at a time: a key pressed twice does its deed once.
    if (getState().busy !== undefined) return undefined;
    setState({ busy: doing });
    try {
      const actor = await ownAccount();
      if (actor === undefined) return undefined;
      const outcome = await operation(actor);
      watch.soon();
      return outcome;
    } catch (thrown) {
      refuseFault(thrown);
      return undefined;
    } finally {
      setState({ busy: undefined });
      beat();
    }
  }

  function refuseFault(thrown: unknown): void {
    const { message, hint } = toFault(thrown);
    desk.refuse(hint === undefined ? { text: message } : { text: message, hint });
  }

  /** The signed-in user as the directory has them now; undefined where they may no longer be here, and are shown out. */
  async function ownAccount(): Promise<SignedIn | undefined> {
    const { signedIn } = getState();
    if (signedIn === undefined) return undefined;
    const now = stillAllowed(signedIn, await parts.directory.byId(signedIn.id));
    if (getState().signedIn?.id !== signedIn.id) return undefined;
    if (now === undefined) {
      signOut('Your account may no longer use the console.');
      return undefined;
    }
    if (now.role !== signedIn.role) {
      setState({ signedIn: now });
      desk.tell(`Your role is ${now.role} now.`);
    }
    return now;
  }

  async function refresh(): Promise<void> {
    if ((await ownAccount()) === undefined) return;
    await stack.readTop();
    beat();
  }

  function start(user?: string): void {
    setState({ gateway: signInPanel(parts, desk, { user, onSignedIn: enter, onGivenUp: leave }) });
  }

  async function enter(signedIn: SignedIn): Promise<void> {
    lastKeyAt = parts.clock.now();
    // Before anything is read: what changes between the reading and the first look must not be missed.
    await watch.begin();
    // First who, then what: the screens ask what the role may do.
    setState({ signedIn, gateway: undefined, dialogues: [], help: undefined });
    const first = firstScreen(desk);
    stack.replace(first === undefined ? [] : [first]);
  }

  function signOut(why: string): void {
    forgetAll();
    setState({ signedIn: undefined, screens: [], dialogues: [], help: undefined });
    start();
    say({ text: why, until: parts.clock.now() + 2 * MESSAGE_MS });
  }

  function lock(): void {
    const { signedIn, gateway } = getState();
    if (signedIn === undefined || gateway !== undefined) return;
    forgetAll();
    const onUnlocked = (again: SignedIn): void => {
      lastKeyAt = parts.clock.now();
      setState({ signedIn: again, gateway: undefined });
      void refresh();
    };
    setState({
      gateway: lockPanel(parts, desk, { signedIn, onUnlocked, onGivenUp: leave }),
      help: undefined,
      message: undefined,
    });
  }

  /** Secrets go from the state, and questions are answered with No. */
  function forgetAll(): void {
    for (const dialogue of getState().dialogues.toReversed()) dialogue.dismiss();
    stack.forget();
    setState({ dialogues: [] });
  }

  function close(screen: OpenScreen): void {
    if (stack.close(screen)) desk.read(stack.readTop);
  }

  function leave(status: number): void {
    if (getState().left !== undefined) return;
    forgetAll();
    setState({ left: status, gateway: undefined, screens: [], signedIn: undefined });
    parts.onLeave(status);
  }

  /** Asks first where something would be lost. Whoever wants to leave in the middle of a dialogue means it. */
  function unlessUnsaved(title: string, go: () => void): void {
    const { screens, dialogues, help, gateway } = getState();
    const lost = screens.at(-1)?.unsaved?.();
    if (lost === undefined || dialogues.length > 0 || help !== undefined || gateway !== undefined) {
      go();
      return;
    }
    const question = { title, body: { paragraphs: [lost] }, deed: 'leave it unsaved' };
    void confirm(desk, question).then((yes) => {
      if (yes) go();
    });
  }

  function showHelp(): void {
    const state = getState();
    const panel = topPanel(state);
    if (!panel) return;
    const sections = helpOf(contextsOf(state, panel), offersIn(state, panel));
    const onClose = (): void => setState({ help: undefined });
    setState({ help: createHelp({ sections, room: desk.room, look: desk.look, onClose }) });
  }

  /** What every screen can do. */
  function actForAll(action: Action): void {
    const { screens } = getState();
    const top = screens.at(-1);
    switch (action) {
      case 'help':
        showHelp();
        return;
      case 'back':
        if (top) close(top);
        return;
      case 'leave':
        unlessUnsaved('Leave the console', () => leave(0));
        return;
      case 'lock':
        lock();
        return;
      case 'redraw':
        parts.onRedraw();
        return;
      case 'next-screen':
      case 'previous-screen': {
        unlessUnsaved('Another screen', () => {
          const next = neighbourScreen(desk, screens[0]?.id, action === 'next-screen' ? 1 : -1);
          if (next) stack.replace([next]);
        });
        return;
      }
      default:
    }
  }

  return {
    store,
    desk,
    start,
    question: () => topQuestion(getState()),
    wasRead(question) {
      read = question;
    },
    press(keys) {
      lastKeyAt = parts.clock.now();
      if (getState().message !== undefined) say(undefined);
      for (const key of keys) {
        if (getState().left !== undefined) return;
        press({ getState, read, actForAll }, key);
      }
      beat();
    },
    resize(size) {
      setState({ size });
    },
    async tick() {
      const now = parts.clock.now();
      const { message, gateway } = getState();
      if (message !== undefined && message.until <= now) say(undefined);
      // Either way: the clock may have been set back.
      if (Math.abs(now - lastKeyAt) >= IDLE_MS) lock();
      for (const panel of new Set([topPanel(getState()), ...getState().screens])) panel?.tick?.(now);
      if (gateway === undefined && getState().signedIn !== undefined) await watch.poll();
    },
    leave,
  };
}
