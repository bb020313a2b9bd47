/**
 * Conversations over one facility, which is loaded and opened when the first of them needs it: this half is what a person waits
 * for at the first question, `opened-door` is what the answer needs.
 */
import type { Config } from '../core/config/model.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { Conversation } from '../core/login/message.ts';
import { type LazyConversation, lazyConversation } from './lazy-conversation.ts';
import type { VerifyPassword } from './login-world.ts';
import type { OpenedDoor } from './opened-door.ts';
import { unavailableConversation } from './unavailable-conversation.ts';

export type Door = {
  /** Asks for name and password before the facility is open: nothing dear stands before the first question. */
  converse(options: Omit<LoginOptions, 'password'>): LazyConversation;
  /** Opens the facility first: for hosts that checked the password, and where nobody waits at a screen. Never rejects. */
  open(options: LoginOptions): Promise<Conversation>;
  close(): Promise<void>;
};

export function openDoor(config: Config, verifyPassword?: VerifyPassword): Door {
  let loaded: Promise<OpenedDoor> | undefined;

  async function open(options: LoginOptions): Promise<Conversation> {
    try {
      loaded ??= load(config, verifyPassword);
      return await (await loaded).begin(options);
    } catch (thrown) {
      loaded = undefined;
      return unavailableConversation(thrown);
    }
  }

  return {
    converse: (options) => lazyConversation({ givenName: options.user, open: () => open(options) }),
    open,
    close: async () => (await loaded)?.close(),
  };
}

async function load(config: Config, verifyPassword: VerifyPassword | undefined): Promise<OpenedDoor> {
  const { openedDoor } = await import('./opened-door.ts');
  return openedDoor(config, verifyPassword);
}
