/**
 * Conversations over one facility, which is opened when the first of them needs it. Invariant: a facility that cannot be opened
 * gives a conversation that says so and ends, never one that goes on without it.
 */
import type { Config } from '../core/config/model.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { Conversation } from '../core/login/message.ts';
import type { Facility } from '../core/node/facility.ts';
import { type LazyConversation, lazyConversation } from './lazy-conversation.ts';
import type { VerifyPassword } from './login-world.ts';
import { unavailableConversation } from './unavailable-conversation.ts';

export type Door = {
  /** Asks for name and password before the facility is open: nothing dear stands before the first question. */
  converse(options: Omit<LoginOptions, 'password'>): LazyConversation;
  /** Opens the facility first: for hosts that checked the password, and where nobody waits at a screen. */
  open(options: LoginOptions): Promise<Conversation>;
  close(): Promise<void>;
};

export function openDoor(config: Config, verifyPassword?: VerifyPassword): Door {
  let opened: Promise<Facility> | undefined;

  function facility(): Promise<Facility> {
    opened ??= load(config).catch((thrown: unknown) => {
      // What was broken may be mended before the next person comes.
      opened = undefined;
      throw thrown;
    });
    return opened;
  }

  async function open(options: LoginOptions): Promise<Conversation> {
    try {
      const [{ beginLogin }, { loginWorld }] = await Promise.all([
        import('../core/login/begin-login.ts'),
        import('./login-world.ts'),
      ]);
      return beginLogin(loginWorld(await facility(), verifyPassword), options);
    } catch (thrown) {
      return unavailableConversation(thrown);
    }
  }

  return {
    converse: (options) => lazyConversation({ givenName: options.user, open: () => open(options) }),
    open,
    close: async () => (await opened)?.close(),
  };
}

async function load(config: Config): Promise<Facility> {
  const { openFacility } = await import('../core/node/facility.ts');
  return openFacility(config);
}
