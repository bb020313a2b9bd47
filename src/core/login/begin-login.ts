/** A login for one person at one terminal, over a facility's ports. */
import type { Clock } from '../ports.ts';
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
  let deadline = deadlineIn(world.clock, timeoutSeconds * 1000);
  const { run, explain } = createEffectRunner(world);
  const overdue = () => isOver(world.clock, deadline);
  return createSession({
    context: { attempts, givenName: user, password, recoveryCodes },
    runner: {
      run: async (effect) => {
        // Hashing may have taken the rest of the time: nothing is granted behind the deadline.
        if (overdue() && (effect.do === 'grant' || effect.do === 'check-code')) return { type: 'timed-out' };
        const event = await run(effect);
        // TimeoutSeconds is short for installing an app and scanning; the secret's own life is the limit then.
        if (event?.type === 'pairing-issued')
          deadline = laterOf(deadline, deadlineIn(world.clock, UNCONFIRMED_PAIRING_MS));
        return event;
      },
      explain,
    },
    nonce,
    overdue,
  });
}

/** By the clock, and by the time that has passed: one that is set back makes no login last longer. */
type Deadline = { readonly epochMs: number; readonly passedMs: number };

function deadlineIn(clock: Clock, ms: number): Deadline {
  return { epochMs: clock.now() + ms, passedMs: performance.now() + ms };
}

function laterOf(one: Deadline, other: Deadline): Deadline {
  return {
    epochMs: Math.max(one.epochMs, other.epochMs),
    passedMs: Math.max(one.passedMs, other.passedMs),
  };
}

function isOver(clock: Clock, { epochMs, passedMs }: Deadline): boolean {
  return clock.now() >= epochMs || performance.now() >= passedMs;
}
