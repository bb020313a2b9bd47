/**
 * What a login says to whoever asks the person: the messages of docs/gate-protocol.md, as they go over the wire.
 * Every reply of a conversation is an array of messages; the last is an `ask` or `done`.
 */

export const FIELDS = ['username', 'password', 'new-password', 'repeat-password', 'code', 'choice'] as const;
export type Field = (typeof FIELDS)[number];

export type Ask = {
  readonly type: 'ask';
  /** Goes up by one with each question; an answer with another id is not taken. */
  readonly id: number;
  readonly field: Field;
  readonly label: string;
  /** True where what is typed must not be shown. */
  readonly secret: boolean;
  /** For `choice`: the answers that are taken. */
  readonly options?: readonly string[];
};

export type Notice = { readonly type: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string };

/** The recovery codes of a fresh pairing, shown once: a notice with its codes apart, for front ends that draw them well. */
export type RecoveryNotice = Notice & { readonly codes: readonly string[] };

export type Pair = {
  readonly type: 'pair';
  readonly label: string;
  readonly user: string;
  readonly uri: string;
  /** The secret in base32, in groups of four, to be typed by hand. */
  readonly key: string;
  readonly expiresInSeconds: number;
};

export const METHODS = ['password', 'password+totp', 'password+recovery', 'password+one-time'] as const;
export type Method = (typeof METHODS)[number];

export const DENIAL_REASONS = [
  'login-incorrect', // wrong name, password or code; disabled; locked
  'too-many-attempts', // the conversation's attempts are used up
  'administrator', // only an administrator can give the QR code
  'timed-out',
  'input-ended',
  'bad-line', // the JSON conversation broke its own rules too often
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

export const UNAVAILABLE_REASONS = ['busy', 'unavailable', 'configuration', 'internal'] as const;
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number];

export type Done =
  | {
      readonly type: 'done';
      readonly outcome: 'granted';
      readonly user: string;
      readonly method: Method;
      /** True where the user has a confirmed pairing. */
      readonly paired: boolean;
      readonly nonce?: string;
    }
  | {
      readonly type: 'done';
      readonly outcome: 'denied' | 'cancelled' | 'unavailable';
      readonly reason: DenialReason | UnavailableReason | 'cancelled';
      readonly retryAfterSeconds?: number;
      readonly nonce?: string;
    };

export type Message = Ask | Notice | RecoveryNotice | Pair | Done;

/** A login as a front end sees it: one reply an answer, until `done`. Never rejects: what breaks inside is a `done` too. */
export type Conversation = {
  /** The first reply. Called once. */
  start(): Promise<readonly Message[]>;
  /** An answer to the ask with this id; another id gets a notice and the same ask again. */
  answer(id: number, value: string): Promise<readonly Message[]>;
  cancel(): Promise<readonly Message[]>;
  /** The person took longer than TimeoutSeconds. */
  timeOut(): Promise<readonly Message[]>;
  /** End of input: nobody is there any more. */
  inputEnded(): Promise<readonly Message[]>;
};

/** What a front end or host may say at the beginning. */
export type Begin = { readonly user?: string; readonly terminal?: string; readonly nonce?: string };

/** Exit status of a finished login (SPEC §4). */
export function exitStatusOf(done: Done): number {
  switch (done.outcome) {
    case 'granted':
      return 0;
    case 'cancelled':
      return 130;
    case 'denied':
      return 77;
    case 'unavailable':
      return UNAVAILABLE_STATUS[done.reason as UnavailableReason] ?? 69;
  }
}

const UNAVAILABLE_STATUS: Readonly<Record<UnavailableReason, number>> = {
  busy: 75,
  unavailable: 69,
  configuration: 78,
  internal: 70,
};
