/** A login for one person at one terminal, over a facility's ports. */
import { UNCONFIRMED_PAIRING_MS } from '../two-factor.ts';
import { createEffectRunner } from './effects.ts';
import type { Begin, Conversation } from './message.ts';
import { createSession } from './session.ts';
import type { LoginContext } from './state.ts';
import type { LoginDeps } from './world.ts';

export type LoginOptions = Begin & {
  /** `checked-by-host` needs `user`: the host vouches for the password. Never taken from the wire of an open socket. */
  readonly password?: LoginContext['password'];
  readonly recoveryCodes?: LoginContext['recoveryCodes'];
  /** Only for users with a role; a sign-in is recorded as one. Never taken from the wire. */
  readonly console?: 'sign-in' | 'step-up';
};

export function beginLogin(deps: LoginDeps, options: LoginOptions): Conversation {
  const { user, terminal, nonce, password = 'asked', recoveryCodes = 'not-offered', console } = options;
  const world = { ...deps, store: deps.store.by(terminal === undefined ? {} : { terminal }), console };
  const { attempts, timeoutSeconds } = world.config.login;
  let deadline = world.clock.now() + timeoutSeconds * 1000;
  const { run, explain } = createEffectRunner(world);
  const overdue = () => world.clock.now() >= deadline;
  return createSession({
    context: { attempts, givenName: user, password, recoveryCodes },
    runner: {
      run: async (effect) => {
        // Hashing may have taken the rest of the time: nothing is granted behind the deadline.
        if (overdue() && (effect.do === 'grant' || effect.do === 'check-code')) return { type: 'timed-out' };
        const event = await run(effect);
        // TimeoutSeconds is short for installing an app and scanning; the secret's own life is the limit then.
        if (event?.type === 'pairing-issued') deadline = Math.max(deadline, world.clock.now() + UNCONFIRMED_PAIRING_MS);
        return event;
      },
      explain,
    },
    nonce,
    overdue,
  });
}
