/** What screens and dialogues may ask of the console: the directory, the clock, questions, messages, and other screens. */

import type { AuditEvent } from '../core/audit-event.ts';
import type { Config } from '../core/config/model.ts';
import type { Directory } from '../core/directory/directory.ts';
import type { Refusal } from '../core/directory/refusal.ts';
import type { Clock } from '../core/ports.ts';
import type { Actor, Permission } from '../core/roles.ts';
import type { Role, UserId } from '../core/user.ts';
import type { Dialogue } from './dialogue.ts';
import type { FacilityDesk } from './facility-desk.ts';
import type { Look } from './look.ts';
import type { OpenScreen, Size } from './panel.ts';

/** Who is signed in. */
export type SignedIn = Actor & { readonly id: UserId };

/** A record of the audit trail as the console shows it. */
export type Activity = AuditEvent & { readonly at: string };

export type Desk = {
  readonly directory: Directory;
  readonly clock: Clock;
  config(): Config;
  look(): Look;
  /** What a screen or dialogue has to draw in. */
  room(): Size;
  signedIn(): SignedIn | undefined;
  /** What the signed-in role may do; `target` is the role of the user it is done to. */
  may(permission: Permission, target?: Role): boolean;
  /** The newest records about a user, newest first. */
  recentActivity(user: string, limit: number): Promise<readonly Activity[]>;
  /** config.ini, the audit trail, and what `doctor` finds. */
  readonly facility: FacilityDesk;
  /** To the component of Ink's world that has the keyboard; taken in before it returns. */
  typeIntoInk(text: string): void;

  open(screen: OpenScreen): void;
  /** Closes this screen, where it is still on the screen. */
  close(screen: OpenScreen): void;
  /** Puts a dialogue on top of everything but the lock. */
  show(dialogue: Dialogue): void;
  hide(dialogue: Dialogue): void;
  /** A message for a few seconds. */
  tell(text: string): void;
  /** Why something was not done, to be acknowledged. */
  refuse(refusal: Pick<Refusal, 'text' | 'hint'>): void;

  /**
   * Runs one operation as the signed-in user, whose own account is read again first. Undefined: it was not run, or broke,
   * and the person has been told.
   */
  act<Outcome>(doing: string, operation: (actor: Actor) => Promise<Outcome>): Promise<Outcome | undefined>;
  /** Reads for a screen; where that breaks, the person is told. */
  read(reading: () => Promise<void>): void;
  /** Own password and code once more. */
  stepUp(reason: string): Promise<'confirmed' | 'given-up'>;
};

/** What dialogues need of it; the set-up wizard has no more. */
export type DialogueDesk = Pick<Desk, 'clock' | 'look' | 'room' | 'show' | 'hide'> & {
  config(): Pick<Config, 'terminal'>;
};

/** The outcome where it is not a refusal; else undefined, and the person has been told why. */
export function accepted<Outcome extends { readonly kind: string }>(
  desk: Pick<Desk, 'refuse'>,
  outcome: Outcome | Refusal | undefined,
): Exclude<Outcome, Refusal> | undefined {
  if (outcome === undefined) return undefined;
  if (isRefusal(outcome)) {
    desk.refuse(outcome);
    return undefined;
  }
  return outcome as Exclude<Outcome, Refusal>;
}

export function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === 'refused';
}
