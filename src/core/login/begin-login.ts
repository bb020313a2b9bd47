/** A login for one person at one terminal, over a facility's ports. */
import { UNCONFIRMED_PAIRING_MS } from '../two-factor.ts';
import { createEffectRunner } from './effects.ts';
import type { Begin, Conversation } from './message.ts';
import { createSession } from './session.ts';
import type { LoginContext } from './state.ts';
import type { LoginWorld } from './world.ts';

export type LoginOptions = Begin & {
  /** `checked-by-host` needs `user`: the host vouches for the password. Never taken from the wire of an open socket. */
  readonly password?: LoginContext['password'];
  readonly recoveryCodes?: LoginContext['recoveryCodes'];
};

export function beginLogin(world: Omit<LoginWorld, 'terminal'>, options: LoginOptions): Conversation {
  const { user, terminal, nonce, password = 'asked', recoveryCodes = 'not-offered' } = options;
  const { attempts, timeoutSeconds } = world.config.login;
  let deadline = world.clock.now() + timeoutSeconds * 1000;
  const { run, explain } = createEffectRunner({ ...world, terminal });
  return createSession({
    context: { attempts, givenName: user, password, recoveryCodes },
    runner: {
      run: async (effect) => {
        const event = await run(effect);
        // TimeoutSeconds is short for installing an app and scanning; the secret's own life is the limit then.
        if (event?.type === 'pairing-issued') deadline = Math.max(deadline, world.clock.now() + UNCONFIRMED_PAIRING_MS);
        return event;
      },
      explain,
    },
    nonce,
    overdue: () => world.clock.now() >= deadline,
  });
}
