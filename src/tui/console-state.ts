/** What the console's state is made of, and what it is built from. */
import type { Config } from '../core/config/model.ts';
import type { Directory } from '../core/directory/directory.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { Conversation } from '../core/login/message.ts';
import type { Clock } from '../core/ports.ts';
import type { Activity, SignedIn } from './desk.ts';
import type { Dialogue } from './dialogue.ts';
import type { FacilityDesk } from './facility-desk.ts';
import type { Look } from './look.ts';
import type { OpenScreen, Panel, Size } from './panel.ts';

export type ConsoleParts = {
  readonly directory: Directory;
  /** The front door of the gate: signing in, unlocking and step-up are log-ons like any other. */
  readonly gate: {
    begin(begin: LoginOptions): Conversation;
    /** Where the person sits, as the audit trail names it. */
    readonly terminal?: string;
  };
  readonly clock: Clock;
  /** In force now. */
  config(): Config;
  look(): Look;
  /** Newest first. */
  recentActivity(user: string, limit: number): Promise<readonly Activity[]>;
  readonly facility: FacilityDesk;
  /** To the component of Ink's world that has the keyboard; taken in before it returns. */
  typeIntoInk(text: string): void;
  readonly size: Size;
  /** The console is over; `status` is the process's exit status. */
  onLeave(status: number): void;
  /** Draw everything again: something else has written on the screen. */
  onRedraw(): void;
};

/** Stands in the last row until the next key, or for a few seconds. */
export type Message = { readonly text: string; readonly until: number };
export const MESSAGE_MS = 6000;

export type ConsoleState = {
  readonly size: Size;
  readonly signedIn: SignedIn | undefined;
  /** The log-on that stands before everything: signing in, or unlocking. */
  readonly gateway: Panel | undefined;
  /** The last one is on the screen. */
  readonly screens: readonly OpenScreen[];
  readonly dialogues: readonly Dialogue[];
  readonly help: Panel | undefined;
  readonly message: Message | undefined;
  /** What is being done, while it takes its time. */
  readonly busy: string | undefined;
  /** Goes up when what a layer offers may have changed; header and hints are drawn again. */
  readonly beat: number;
  /** Set once the console is over. */
  readonly left: number | undefined;
};

export const INITIAL_CONSOLE: Omit<ConsoleState, 'size'> = {
  signedIn: undefined,
  gateway: undefined,
  screens: [],
  dialogues: [],
  help: undefined,
  message: undefined,
  busy: undefined,
  beat: 0,
  left: undefined,
};

/** Less than this, and there is only a sentence on the screen. Multiplexers take a row or two of 24. */
export const LEAST_SIZE: Size = { columns: 60, rows: 16 };

export function fits(size: Size): 'fits' | 'too-small' {
  return size.columns >= LEAST_SIZE.columns && size.rows >= LEAST_SIZE.rows ? 'fits' : 'too-small';
}

/** Header and last row aside. */
export function roomIn(size: Size): Size {
  return { columns: size.columns, rows: Math.max(1, size.rows - 2) };
}

/** What has the keyboard. */
export function topPanel(state: ConsoleState): Panel | undefined {
  return state.gateway ?? state.help ?? state.dialogues.at(-1) ?? state.screens.at(-1);
}

/** What the next key answers. */
export function topQuestion(state: ConsoleState): object | undefined {
  const panel = topPanel(state);
  return panel?.question?.() ?? panel;
}
