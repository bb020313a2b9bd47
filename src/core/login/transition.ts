/**
 * The login, whole: (state, event) → {state, effects}. Invariant: `granting`, and so `granted`, is reached only with a Proof,
 * and a Proof is made only from the store's word (time step claimed, code consumed) or where no code is asked; the store looks at all of it
 * again in the transaction that records the grant.
 * An event that does not fit the state changes nothing; a broken store, a time-out or an end of input ends the login.
 */
import { assertNever } from '../assert-never.ts';
import type { SecondFactor } from '../policy.ts';
import type { ClaimFailure } from '../ports.ts';
import { PERIOD_SECONDS } from '../time-step.ts';
import { promptOf } from './prompt.ts';
import type { Effect, LoginContext, LoginEvent, LoginState, Person, Proof, Transition, Verdict } from './state.ts';
import { methodOf } from './state.ts';
import type { NoticeCode } from './wording.ts';

export function transition(context: LoginContext, state: LoginState, event: LoginEvent): Transition {
  if (state.at === 'done') return stay(state);
  switch (event.type) {
    case 'cancelled':
      return end(state, { outcome: 'cancelled' });
    case 'claim-void':
      return claimVoid(state, event.why);
    case 'timed-out':
      return end(state, { outcome: 'denied', reason: 'timed-out' }, say('timed-out'));
    case 'input-ended':
      return end(state, { outcome: 'denied', reason: 'input-ended' });
    case 'failed':
      return end(
        state,
        { outcome: 'unavailable', reason: event.reason },
        say(event.notice ?? event.reason, { problem: event.text ?? '' }),
      );
    default:
      return step(context, state, event);
  }
}

type Ending = 'cancelled' | 'claim-void' | 'timed-out' | 'input-ended' | 'failed';
type StepEvent = Exclude<LoginEvent, { type: Ending }>;
type OpenState = Exclude<LoginState, { at: 'done' }>;

function step(context: LoginContext, state: OpenState, event: StepEvent): Transition {
  switch (state.at) {
    case 'start':
      return event.type === 'started' ? go({ at: 'opening' }, { do: 'open' }) : stay(state);
    case 'opening':
      return event.type === 'opened' ? firstQuestion(context) : stay(state);
    case 'username':
      return event.type === 'answered' ? named(state, event.value) : stay(state);
    case 'password':
      if (event.type !== 'answered') return stay(state);
      return go(
        { ...state, at: 'checking-password' },
        { do: 'check-password', name: state.name, password: event.value },
      );
    case 'checking-password':
      if (event.type === 'password-right') return passwordRight(context, event.person);
      return event.type === 'password-wrong' ? passwordWrong(context, state, event) : stay(state);
    case 'offer':
      return event.type === 'answered' ? offered(context, state, event.value) : stay(state);
    case 'issuing':
      if (event.type === 'pairing-lost') return pairingLost(state);
      if (event.type === 'code-refused') return codeRefused(asked(state), event);
      if (event.type !== 'pairing-issued') return stay(state);
      return go(askCode(context, { ...state.person, pairingId: event.pairingId }, event.shown), {
        do: 'show-pair',
        shown: event.shown,
      });
    case 'code':
      if (event.type !== 'answered') return stay(state);
      return go(
        { ...state, at: 'checking-code' },
        {
          do: 'check-code',
          person: state.person,
          shown: state.shown,
          code: event.value,
          next: afterCode(context, state.person),
        },
      );
    case 'checking-code':
      return codeSettled(context, state, event);
    case 'recovery-offer':
      return event.type === 'answered' ? recoveryOffered(state, event.value) : stay(state);
    case 'making-recovery-codes':
      if (event.type === 'pairing-lost') return pairingLost(state);
      if (event.type !== 'recovery-codes-made') return stay(state);
      return go({ ...state, at: 'recovery-shown' }, { do: 'show-recovery-codes', codes: event.codes });
    case 'recovery-shown':
      return event.type === 'answered' ? proven(state.person, state.proof) : stay(state);
    case 'new-password':
      if (event.type !== 'answered') return stay(state);
      return go(
        { ...state, at: 'judging-password', first: event.value },
        { do: 'judge-password', person: state.person, password: event.value },
      );
    case 'judging-password':
      if (event.type !== 'password-judged') return stay(state);
      if (event.problem === undefined) return go({ ...state, at: 'repeat-password' });
      return go(newPassword(state), say('password-problem', { problem: event.problem }));
    case 'repeat-password':
      if (event.type !== 'answered') return stay(state);
      if (event.value !== state.first) return go(newPassword(state), say('passwords-differ'));
      return go(
        { at: 'granting', person: state.person, proof: state.proof, password: 'changed' },
        { do: 'grant', person: state.person, proof: state.proof, newPassword: event.value },
      );
    case 'granting':
      if (event.type !== 'granted') return stay(state);
      return granted(state.person, state.proof, ...(state.password === 'changed' ? [say('password-changed')] : []));
    default:
      return assertNever(state);
  }
}

function firstQuestion(context: LoginContext): Transition {
  const { givenName, attempts } = context;
  if (givenName === undefined) return go({ at: 'username', attemptsLeft: attempts });
  if (context.password === 'asked') return go({ at: 'password', name: givenName, attemptsLeft: attempts });
  return go({ at: 'checking-password', name: givenName, attemptsLeft: 1 }, { do: 'identify', name: givenName });
}

function named(state: Extract<LoginState, { at: 'username' }>, name: string): Transition {
  if (name.trim() !== '') return go({ ...state, at: 'password', name });
  if (state.attemptsLeft <= 1) return end(state, { outcome: 'denied', reason: 'too-many-attempts' });
  return go({ ...state, attemptsLeft: state.attemptsLeft - 1 }, say('name-empty'));
}

function passwordWrong(
  context: LoginContext,
  state: Extract<LoginState, { at: 'checking-password' }>,
  { retryAfterSeconds, trail }: Extract<LoginEvent, { type: 'password-wrong' }>,
): Transition {
  const attemptsLeft = state.attemptsLeft - 1;
  const incorrect = say('login-incorrect');
  if (attemptsLeft <= 0) {
    return end(state, { outcome: 'denied', reason: 'login-incorrect', retryAfterSeconds, ...known(trail) }, incorrect);
  }
  if (context.givenName === undefined) return go({ at: 'username', attemptsLeft }, incorrect);
  return go({ at: 'password', name: state.name, attemptsLeft }, incorrect);
}

function passwordRight(context: LoginContext, person: Person): Transition {
  const { factor, deferrableDays } = person.factor;
  if (deferrableDays === null) return secondFactor(context, person, factor);
  switch (factor.kind) {
    case 'none':
      return secondFactor(context, person, factor);
    case 'administrator':
      return proven(person, { by: 'not-yet-required' }, say('required-from', { days: deferrableDays }));
    case 'pair':
    case 'code':
      return go({ at: 'offer', person, now: factor.kind });
    default:
      return assertNever(factor);
  }
}

function secondFactor(context: LoginContext, person: Person, factor: SecondFactor): Transition {
  switch (factor.kind) {
    case 'none':
      return proven(person, { by: 'two-factor-off' });
    case 'code':
      return go(askCode(context, person, undefined));
    case 'pair':
      return go({ at: 'issuing', person }, { do: 'issue-pairing', person });
    case 'administrator': {
      if (person.hasOneTimeCode) return go(askCode(context, person, undefined), say('one-time-code-only'));
      const notice = factor.why === 'central' ? 'ask-administrator' : 'pairing-days-over';
      return end({ at: 'issuing', person }, { outcome: 'denied', reason: 'administrator' }, say(notice));
    }
    default:
      return assertNever(factor);
  }
}

function offered(context: LoginContext, state: Extract<LoginState, { at: 'offer' }>, answer: string): Transition {
  if (answer === state.now) return secondFactor(context, state.person, state.person.factor.factor);
  if (answer === 'later') return proven(state.person, { by: 'not-yet-required' });
  return unknownChoice(state);
}

function recoveryOffered(state: Extract<LoginState, { at: 'recovery-offer' }>, answer: string): Transition {
  if (answer === 'skip') return proven(state.person, state.proof);
  if (answer !== 'show') return unknownChoice(state);
  return go({ ...state, at: 'making-recovery-codes' }, { do: 'make-recovery-codes', person: state.person });
}

function unknownChoice(state: LoginState): Transition {
  return go(state, say('choice-unknown', { options: (promptOf(state)?.options ?? []).join(', ') }));
}

function codeSettled(
  context: LoginContext,
  state: Extract<LoginState, { at: 'checking-code' }>,
  event: StepEvent,
): Transition {
  const { person } = state;
  switch (event.type) {
    case 'time-step-claimed': {
      const { stepsOff, pairingId } = event;
      const proof: Proof = { by: 'time-step', pairingId, ...(stepsOff === undefined ? {} : { stepsOff }) };
      const hint = phoneClockHint(state.missedBy, stepsOff);
      const said = event.newlyPaired ? [say('paired'), ...hint] : hint;
      if (event.granted) return granted(person, proof, ...said);
      if (event.newlyPaired && context.recoveryCodes === 'offered')
        return go({ at: 'recovery-offer', person, proof }, ...said);
      return proven(person, proof, ...said);
    }
    case 'recovery-code-consumed': {
      const { pairingId, left } = event;
      const follow = event.granted ? granted : proven;
      return follow(person, { by: 'recovery-code', pairingId }, say('recovery-left', { left }));
    }
    case 'one-time-code-consumed':
      return (event.granted ? granted : proven)(person, { by: 'one-time-code' });
    case 'pairing-lost':
      return pairingLost(state, state.shown === undefined ? 'pairing-replaced' : 'pairing-lost');
    case 'code-refused':
      return codeRefused(state, event);
    default:
      return stay(state);
  }
}

function codeRefused(
  state: Extract<LoginState, { at: 'checking-code' }>,
  event: Extract<LoginEvent, { type: 'code-refused' }>,
): Transition {
  const attemptsLeft = state.attemptsLeft - 1;
  const notice = refusalNotice(event.why, state.shown === undefined ? 'log-on' : 'pairing');
  const { retryAfterSeconds, stepsOff, trail } = event;
  if (attemptsLeft > 0 && retryAfterSeconds === 0) {
    const missed = stepsOff === undefined ? {} : { missedBy: stepsOff };
    return go({ ...state, ...missed, at: 'code', attemptsLeft }, say(notice));
  }
  return end(state, { outcome: 'denied', reason: 'login-incorrect', retryAfterSeconds, ...known(trail) }, say(notice));
}

function known<Note>(trail: Note | undefined): { readonly trail?: Note } {
  return trail === undefined ? {} : { trail };
}

/** Nothing was shown, and no code is asked: the counter for codes is locked. */
function asked({ person }: { readonly person: Person }): Extract<LoginState, { at: 'checking-code' }> {
  return { at: 'checking-code', person, shown: undefined, attemptsLeft: 1 };
}

/** Only where the code that was right was late or early as well; else the wrong one was typed slowly. */
function phoneClockHint(missedBy: number | undefined, stepsOff: number | undefined): readonly Effect[] {
  if (missedBy === undefined || stepsOff === undefined || missedBy * stepsOff <= 0) return [];
  const side = missedBy < 0 ? 'behind' : 'ahead of';
  return [say('phone-clock', { seconds: Math.abs(missedBy) * PERIOD_SECONDS, side })];
}

function refusalNotice(why: 'wrong' | 'already-used' | 'locked', purpose: 'log-on' | 'pairing'): NoticeCode {
  switch (why) {
    case 'already-used':
      return 'code-already-used';
    case 'locked':
      return 'code-locked';
    case 'wrong':
      return purpose === 'pairing' ? 'code-wrong-pairing' : 'code-wrong';
    default:
      return assertNever(why);
  }
}

function pairingLost(state: LoginState, notice: 'pairing-lost' | 'pairing-replaced' = 'pairing-lost'): Transition {
  return end(state, { outcome: 'denied', reason: 'login-incorrect', why: 'two-factor-changed' }, say(notice));
}

function claimVoid(state: LoginState, why: ClaimFailure): Transition {
  const notice = why === 'role-not-allowed' ? 'no-console-role' : 'changed-meanwhile';
  return end(state, { outcome: 'denied', reason: 'login-incorrect', why }, say(notice));
}

/** Nothing is asked behind the code but a new password, and recovery codes behind the first code of a phone. */
function afterCode({ recoveryCodes }: LoginContext, person: Person): 'grant' | 'ask-more' {
  const offers = recoveryCodes === 'offered' && !person.paired;
  return person.mustChangePassword || offers ? 'ask-more' : 'grant';
}

/** A new password comes after the second factor, so that a reset never bypasses it (OWASP ASVS 5.0 6.4.3). */
function proven(person: Person, proof: Proof, ...before: readonly Effect[]): Transition {
  if (!person.mustChangePassword) return grant(person, proof, ...before);
  return go({ at: 'new-password', person, proof }, ...before, say('change-password'));
}

function grant(person: Person, proof: Proof, ...before: readonly Effect[]): Transition {
  return go({ at: 'granting', person, proof, password: 'as it was' }, ...before, { do: 'grant', person, proof });
}

/** The store has granted it. */
function granted(person: Person, proof: Proof, ...before: readonly Effect[]): Transition {
  const paired = person.paired || proof.by === 'time-step';
  const verdict = { outcome: 'granted', name: person.name, method: methodOf(proof.by), paired } as const;
  return go({ at: 'done', verdict }, ...before);
}

function newPassword(state: { readonly person: Person; readonly proof: Proof }): LoginState {
  return { at: 'new-password', person: state.person, proof: state.proof };
}

function askCode(
  context: LoginContext,
  person: Person,
  shown: Extract<LoginState, { at: 'code' }>['shown'],
): LoginState {
  return { at: 'code', person, shown, attemptsLeft: context.attempts };
}

function say(notice: NoticeCode, values?: Readonly<Record<string, string | number>>): Effect {
  return values === undefined ? { do: 'say', notice } : { do: 'say', notice, values };
}

function go(state: LoginState, ...effects: readonly Effect[]): Transition {
  return { state, effects };
}

function stay(state: LoginState): Transition {
  return { state, effects: [] };
}

function end(
  state: LoginState,
  verdict: Exclude<Verdict, { outcome: 'granted' }>,
  ...before: readonly Effect[]
): Transition {
  const name = 'person' in state ? state.person.name : undefined;
  if (verdict.outcome === 'denied' && verdict.trail === 'has-it') return go({ at: 'done', verdict }, ...before);
  return go({ at: 'done', verdict }, ...before, { do: 'record-verdict', verdict, name });
}
