/**
 * Signing in to the console, unlocking it, and step-up: log-ons through the gate, each with its limiter, its audit and its codes that count
 * once. Invariant: a grant alone lets nobody in; the directory decides by role, and unlocking and step-up take no other
 * user than the one who is signed in.
 */
import type { User } from '../core/ports.ts';
import type { Role } from '../core/user.ts';
import type { ConsoleParts } from './console-state.ts';
import { createConversationPanel, type Granted } from './conversation-panel.tsx';
import type { Desk, SignedIn } from './desk.ts';
import type { Dialogue } from './dialogue.ts';
import type { Panel } from './panel.ts';

/** The user as a signed-in one, where the console is for them at all. */
export function signedInAs(user: User | undefined): SignedIn | undefined {
  if (user === undefined || user.disabled || !hasConsole(user.role)) return undefined;
  return { id: user.id, name: user.name, role: user.role };
}

/** Undefined where the account is gone, disabled or without a role by now. */
export function stillAllowed(signedIn: SignedIn, user: User | undefined): SignedIn | undefined {
  const now = signedInAs(user);
  return now?.id === signedIn.id ? now : undefined;
}

export function signInPanel(
  parts: ConsoleParts,
  desk: Desk,
  from: {
    readonly user: string | undefined;
    readonly onSignedIn: (signedIn: SignedIn) => Promise<void>;
    readonly onGivenUp: (status: number) => void;
  },
): Panel {
  return createConversationPanel({
    desk,
    begin: () =>
      parts.gate.begin({
        ...(from.user === undefined ? {} : { user: from.user }),
        recoveryCodes: 'offered',
        console: 'sign-in',
      }),
    givenName: from.user,
    title: 'Sign in to the console',
    intro: [],
    async onGranted(done) {
      const signedIn = signedInAs(await parts.directory.find(done.user));
      if (signedIn === undefined) return 'This account has no role in the console. Ask an administrator.';
      await from.onSignedIn(signedIn);
      return undefined;
    },
    onGivenUp: () => from.onGivenUp(CANCELLED),
  });
}

export function lockPanel(
  parts: ConsoleParts,
  desk: Desk,
  from: {
    readonly signedIn: SignedIn;
    readonly onUnlocked: (again: SignedIn) => void;
    readonly onGivenUp: (status: number) => void;
  },
): Panel {
  return createConversationPanel({
    desk,
    begin: () => parts.gate.begin({ user: from.signedIn.name, console: 'sign-in' }),
    givenName: from.signedIn.name,
    title: 'The console is locked',
    intro: ['Sign in again to go on where you were. Esc leaves the console.'],
    async onGranted(done) {
      const again = await sameUser(parts, from.signedIn, done);
      if (again === undefined) return 'Your account may no longer use the console.';
      from.onUnlocked(again);
      return undefined;
    },
    onGivenUp: () => from.onGivenUp(0),
  });
}

/** Own password and code again, on top of whatever is on the screen. */
export function stepUp(parts: ConsoleParts, desk: Desk, reason: string): Promise<'confirmed' | 'given-up'> {
  const signedIn = desk.signedIn();
  if (signedIn === undefined) return Promise.resolve('given-up');
  return new Promise((resolve) => {
    function end(outcome: 'confirmed' | 'given-up'): void {
      panel.close();
      desk.hide(dialogue);
      resolve(outcome);
    }
    const panel = createConversationPanel({
      desk,
      begin: () => parts.gate.begin({ user: signedIn.name, console: 'step-up' }),
      givenName: signedIn.name,
      title: 'Confirm that it is you',
      intro: [reason],
      async onGranted(done) {
        if ((await sameUser(parts, signedIn, done)) === undefined) return 'Your account may no longer use the console.';
        end('confirmed');
        return undefined;
      },
      onGivenUp: () => end('given-up'),
    });
    const dialogue: Dialogue = { ...panel, dismiss: () => end('given-up') };
    desk.show(dialogue);
  });
}

/** 130 (SPEC §4): cancelled. */
const CANCELLED = 130;

async function sameUser(parts: ConsoleParts, signedIn: SignedIn, done: Granted): Promise<SignedIn | undefined> {
  return stillAllowed(signedIn, await parts.directory.find(done.user));
}

function hasConsole(role: Role): boolean {
  switch (role) {
    case 'admin':
    case 'helpdesk':
    case 'auditor':
      return true;
    case 'user':
      return false;
  }
}
