/** What stands behind the sockets of a server: a facility, or the fake of one. */
import type { LoginOptions } from '../../core/login/begin-login.ts';
import type { Conversation } from '../../core/login/message.ts';

export type Gatekeeper = {
  /** How long a conversation may take that begins now. */
  timeoutSeconds(): number;
  begin(options: LoginOptions): Begun;
};

export type Begun = {
  readonly conversation: Conversation;
  /** The connection is gone: nothing will be asked of the conversation any more. */
  over(): void;
};
