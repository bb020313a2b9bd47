/**
 * Where a login stands, what can happen to it and what it asks of the world. Data only: `transition.ts` is the logic.
 */
import type { SecondFactorAnswer } from '../policy.ts';
import type { ClaimFailure, LoginClaim } from '../ports.ts';
import type { EpochMs } from '../user.ts';
import type { DenialReason, Done, Method, Pair, UnavailableReason } from './message.ts';
import type { NoticeCode } from './wording.ts';

/** What the machine may know of a user, and only after the right password. */
export type Person = {
  /** What every step of the login is held against in its transaction. */
  readonly claim: LoginClaim;
  readonly name: string;
  readonly factor: SecondFactorAnswer;
  /** An admin's one-time code waits for this user. */
  readonly hasOneTimeCode: boolean;
  readonly mustChangePassword: boolean;
  readonly paired: boolean;
  /** Whose code is asked: the pairing there was at the password, or the one that was shown since. */
  readonly pairingId: string | null;
  /** Since when two-factor is required of the user; null where it is not. */
  readonly requiredAt: EpochMs | null;
};

/** Why a person may go in. Nothing else leads to `granted`. */
export type Proof =
  | {
      readonly by: 'time-step';
      readonly pairingId: string;
      /** For the audit trail: how far the time step was from the present one. */
      readonly stepsOff?: number;
    }
  | { readonly by: 'recovery-code'; readonly pairingId: string }
  | { readonly by: 'one-time-code' | 'two-factor-off' | 'not-yet-required' };

/** Facts of one login that do not change. */
export type LoginContext = {
  /** Wrong answers allowed to one question. */
  readonly attempts: number;
  /** The name that came with the call; then it is not asked. */
  readonly givenName: string | undefined;
  /** A host checked the password itself (HostSocket): the login begins at the second factor. */
  readonly password: 'asked' | 'checked-by-host';
  /** Whether this front end can show a person recovery codes once. */
  readonly recoveryCodes: 'offered' | 'not-offered';
};

type AskedCode = {
  readonly person: Person;
  readonly shown: Pair | undefined;
  readonly attemptsLeft: number;
  /** By how many time steps a wrong code of this login was off: said only to whoever gave a right one since. */
  readonly missedBy?: number;
};

export type LoginState =
  | { readonly at: 'start' }
  | { readonly at: 'opening' }
  | { readonly at: 'username'; readonly attemptsLeft: number }
  | { readonly at: 'password'; readonly name: string; readonly attemptsLeft: number }
  | { readonly at: 'checking-password'; readonly name: string; readonly attemptsLeft: number }
  | { readonly at: 'offer'; readonly person: Person; readonly now: 'pair' | 'code' }
  | { readonly at: 'issuing'; readonly person: Person }
  | ({ readonly at: 'code' } & AskedCode)
  | ({ readonly at: 'checking-code' } & AskedCode)
  | { readonly at: 'recovery-offer'; readonly person: Person; readonly proof: Proof }
  | { readonly at: 'making-recovery-codes'; readonly person: Person; readonly proof: Proof }
  | { readonly at: 'recovery-shown'; readonly person: Person; readonly proof: Proof }
  | { readonly at: 'new-password'; readonly person: Person; readonly proof: Proof }
  | { readonly at: 'judging-password'; readonly person: Person; readonly proof: Proof; readonly first: string }
  | { readonly at: 'repeat-password'; readonly person: Person; readonly proof: Proof; readonly first: string }
  | {
      readonly at: 'granting';
      readonly person: Person;
      readonly proof: Proof;
      readonly password: 'as it was' | 'changed';
    }
  | { readonly at: 'done'; readonly verdict: Verdict };

export type Verdict =
  | { readonly outcome: 'granted'; readonly name: string; readonly method: Method; readonly paired: boolean }
  | {
      readonly outcome: 'denied';
      readonly reason: DenialReason;
      readonly retryAfterSeconds?: number;
      /** Why a login that had come so far was not granted: for the audit trail. */
      readonly why?: ClaimFailure;
      readonly trail?: TrailNote;
    }
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason };

/** `has-it`: the audit trail says, or counts, already how this login ended; a flood must not write a record a login. */
type TrailNote = 'has-it';

export type LoginEvent =
  | { readonly type: 'started' }
  | { readonly type: 'opened' }
  | { readonly type: 'answered'; readonly value: string }
  | { readonly type: 'password-right'; readonly person: Person }
  /** Wrong, unknown, disabled or locked: the machine cannot tell, so no front end can. 0: may try again at once. */
  | { readonly type: 'password-wrong'; readonly retryAfterSeconds: number; readonly trail?: TrailNote }
  | { readonly type: 'pairing-issued'; readonly pairingId: string; readonly shown: Pair }
  | { readonly type: 'pairing-lost' }
  /** `granted`: and the login with it, in the same transaction. */
  | {
      readonly type: 'time-step-claimed';
      readonly granted: boolean;
      readonly pairingId: string;
      readonly newlyPaired: boolean;
      readonly stepsOff?: number;
    }
  | {
      readonly type: 'recovery-code-consumed';
      readonly granted: boolean;
      readonly pairingId: string;
      readonly left: number;
    }
  | { readonly type: 'one-time-code-consumed'; readonly granted: boolean }
  | {
      readonly type: 'code-refused';
      readonly why: 'wrong' | 'already-used' | 'locked';
      readonly retryAfterSeconds: number;
      readonly trail?: TrailNote;
      /** Of a wrong code that is right at another time. Never told to whoever typed it: it could be right in a minute. */
      readonly stepsOff?: number;
    }
  /** Something that the login stands on was changed meanwhile: it is over. */
  | { readonly type: 'claim-void'; readonly why: ClaimFailure }
  | { readonly type: 'recovery-codes-made'; readonly codes: readonly string[] }
  | { readonly type: 'password-judged'; readonly problem: string | undefined }
  | { readonly type: 'granted' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'timed-out' }
  | { readonly type: 'input-ended' }
  | {
      readonly type: 'failed';
      readonly reason: UnavailableReason;
      readonly text?: string;
      readonly notice?: NoticeCode;
    };

export type Effect =
  | { readonly do: 'say'; readonly notice: NoticeCode; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly do: 'show-pair'; readonly shown: Pair }
  | { readonly do: 'show-recovery-codes'; readonly codes: readonly string[] }
  /** May the store be used, and is two-factor configured for those who have it on? */
  | { readonly do: 'open' }
  | { readonly do: 'check-password'; readonly name: string; readonly password: string }
  | { readonly do: 'identify'; readonly name: string }
  | { readonly do: 'issue-pairing'; readonly person: Person }
  | {
      readonly do: 'check-code';
      readonly person: Person;
      readonly shown: Pair | undefined;
      readonly code: string;
      /** Whether a right code is all that is missing. */
      readonly next: 'grant' | 'ask-more';
    }
  | { readonly do: 'make-recovery-codes'; readonly person: Person }
  | { readonly do: 'judge-password'; readonly person: Person; readonly password: string }
  | { readonly do: 'grant'; readonly person: Person; readonly proof: Proof; readonly newPassword?: string }
  /** To the audit trail, best effort: a verdict that is no grant does not wait for it. */
  | { readonly do: 'record-verdict'; readonly verdict: Verdict; readonly name: string | undefined };

export type Transition = { readonly state: LoginState; readonly effects: readonly Effect[] };

export const INITIAL: LoginState = { at: 'start' };

/** The method a proof stands for in verdicts. */
export function methodOf(by: Proof['by']): Method {
  switch (by) {
    case 'time-step':
      return 'password+totp';
    case 'recovery-code':
      return 'password+recovery';
    case 'one-time-code':
      return 'password+one-time';
    case 'two-factor-off':
    case 'not-yet-required':
      return 'password';
  }
}

/** The verdict as the message that ends a conversation. */
export function doneMessage(verdict: Verdict, nonce: string | undefined): Done {
  const echo = nonce === undefined ? {} : { nonce };
  switch (verdict.outcome) {
    case 'granted': {
      const { name, method, paired } = verdict;
      return { type: 'done', outcome: 'granted', user: name, method, paired, ...echo };
    }
    case 'denied': {
      const wait = verdict.retryAfterSeconds ? { retryAfterSeconds: verdict.retryAfterSeconds } : {};
      return { type: 'done', outcome: 'denied', reason: verdict.reason, ...wait, ...echo };
    }
    case 'cancelled':
      return { type: 'done', outcome: 'cancelled', reason: 'cancelled', ...echo };
    case 'unavailable':
      return { type: 'done', outcome: 'unavailable', reason: verdict.reason, ...echo };
  }
}
