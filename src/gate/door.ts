/**
 * Conversations over one facility, or with its server: what is dear is loaded when the first of them needs it. This half is what a person
 * waits for at the first question; `opened-door` or `client-conversation` is what the answer needs, never both.
 */
import type { Config } from '../core/config/model.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { Conversation } from '../core/login/message.ts';
import type { ClientConversation } from './client-conversation.ts';
import { type LazyConversation, lazyConversation } from './lazy-conversation.ts';
import type { VerifyPassword } from './login-world.ts';
import type { OpenedDoor } from './opened-door.ts';
import { ownAccounts } from './socket-path.ts';
import { unavailableConversation } from './unavailable-conversation.ts';
import { type WayIn, wayIn } from './way-in.ts';

export type Door = {
  /** Asks for name and password before the facility is open: nothing dear stands before the first question. */
  converse(options: Omit<LoginOptions, 'password'>): LazyConversation;
  /** Opens the facility first: for hosts that checked the password, and where nobody waits at a screen. Never rejects. */
  open(options: LoginOptions): Promise<Conversation>;
  close(): Promise<void>;
};

export type DoorOptions = {
  /** Where the configuration was read from. */
  readonly configFile?: string;
  /** The accounts that can have written it, which the server's socket may belong to; otherwise root and this account. */
  readonly writers?: readonly number[];
  readonly verifyPassword?: VerifyPassword | undefined;
};

export function openDoor(config: Config, door: DoorOptions = {}): Door {
  const { verifyPassword, writers = ownAccounts() } = door;
  let loaded: Promise<OpenedDoor> | undefined;
  const served = new Set<ClientConversation>();

  async function open(options: LoginOptions): Promise<Conversation> {
    try {
      const way = wayIn(config, options, verifyPassword);
      return way.by === 'server' ? await viaServer(way, options) : await viaFacility(options);
    } catch (thrown) {
      return unavailableConversation(thrown);
    }
  }

  async function viaServer({ path, reach }: Extract<WayIn, { by: 'server' }>, options: LoginOptions) {
    const server = { path, reach, writers };
    const { clientConversation } = await import('./client-conversation.ts');
    const { timeoutSeconds } = config.login;
    const ended = () => void served.delete(conversation);
    const conversation = clientConversation({ server, options, timeoutSeconds, ended });
    served.add(conversation);
    return conversation;
  }

  async function viaFacility(options: LoginOptions): Promise<Conversation> {
    try {
      loaded ??= load(config, door);
      return await (await loaded).begin(options);
    } catch (thrown) {
      loaded = undefined;
      throw thrown;
    }
  }

  return {
    converse: (options) => lazyConversation({ givenName: options.user, open: () => open(options) }),
    open,
    async close() {
      for (const conversation of served) conversation.close();
      served.clear();
      await (await loaded)?.close();
    },
  };
}

async function load(config: Config, options: DoorOptions): Promise<OpenedDoor> {
  const { openedDoor } = await import('./opened-door.ts');
  return openedDoor(config, options);
}
