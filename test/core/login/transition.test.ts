import { describe, expect, it } from 'vitest';
import type { Pair } from '../../../src/core/login/message.ts';
import { promptOf } from '../../../src/core/login/prompt.ts';
import {
  type Effect,
  INITIAL,
  type LoginContext,
  type LoginEvent,
  type LoginState,
  type Person,
} from '../../../src/core/login/state.ts';
import { transition } from '../../../src/core/login/transition.ts';
import type { SecondFactorAnswer } from '../../../src/core/policy.ts';
import type { ClaimFailure } from '../../../src/core/ports.ts';
import type { UserId } from '../../../src/core/user.ts';
import fc from '../../support/properties.ts';

const context: LoginContext = {
  attempts: 3,
  givenName: undefined,
  password: 'asked',
  recoveryCodes: 'not-offered',
};

const CODE: SecondFactorAnswer = {
  factor: { kind: 'code', pairingId: 'p1', confirmed: true },
  deferrableDays: null,
};
const NONE: SecondFactorAnswer = { factor: { kind: 'none' }, deferrableDays: null };
const PAIR: SecondFactorAnswer = { factor: { kind: 'pair' }, deferrableDays: null };
const CENTRAL: SecondFactorAnswer = { factor: { kind: 'administrator', why: 'central' }, deferrableDays: null };

const shown: Pair = { type: 'pair', label: 'L', user: 'alice', uri: 'otpauth://x', key: 'ABCD', expiresInSeconds: 900 };

function person(factor: SecondFactorAnswer, facts: Partial<Person> = {}): Person {
  return {
    claim: { userId: 'u1' as UserId, passwordVersion: 1, epoch: 'e1' },
    name: 'alice',
    factor,
    hasOneTimeCode: false,
    mustChangePassword: false,
    paired: factor === CODE,
    pairingId: null,
    requiredAt: null,
    ...facts,
  };
}

const right = (factor: SecondFactorAnswer, facts?: Partial<Person>): LoginEvent => ({
  type: 'password-right',
  person: person(factor, facts),
});
const claimed = (facts: { readonly granted?: boolean; readonly newlyPaired?: boolean } = {}): LoginEvent => ({
  type: 'time-step-claimed',
  granted: true,
  pairingId: 'p1',
  newlyPaired: false,
  ...facts,
});
const answered = (value: string): LoginEvent => ({ type: 'answered', value });
const wrong = (retryAfterSeconds = 0): LoginEvent => ({ type: 'password-wrong', retryAfterSeconds });

/** Where a login stands after these events, with every effect on the way. */
function play(events: readonly LoginEvent[], facts: Partial<LoginContext> = {}) {
  let state: LoginState = INITIAL;
  const effects: string[] = [];
  for (const event of events) {
    const moved = transition({ ...context, ...facts }, state, event);
    state = moved.state;
    effects.push(...moved.effects.map((effect) => (effect.do === 'say' ? `say ${effect.notice}` : effect.do)));
  }
  return { state, effects, field: promptOf(state)?.field };
}

/** The effects of the last of these events, whole. */
function effectsAfter(events: readonly LoginEvent[], facts: Partial<LoginContext> = {}): readonly Effect[] {
  const { state } = play(events.slice(0, -1), facts);
  const last = events.at(-1);
  return last === undefined ? [] : transition({ ...context, ...facts }, state, last).effects;
}

const toPassword: LoginEvent[] = [{ type: 'started' }, { type: 'opened' }, answered('alice'), answered('pw')];

describe('the way in', () => {
  it('asks user name, password and code, and grants only after the step is claimed and the grant recorded, in one transaction', () => {
    const events: LoginEvent[] = [...toPassword, right(CODE)];
    expect(play(events).field).toBe('code');
    events.push(answered('123456'));
    expect(play(events).state.at).toBe('checking-code');
    expect(play([...events, claimed({ granted: false })]).state.at).toBe('granting');
    events.push(claimed());
    expect(play(events).state).toEqual({
      at: 'done',
      verdict: { outcome: 'granted', name: 'alice', method: 'password+totp', paired: true },
    });
  });

  it('hides what is typed for a password, and nothing else', () => {
    const proven = [
      ...toPassword,
      right(CODE, { mustChangePassword: true }),
      answered('1'),
      claimed({ granted: false }),
    ];
    const judged = [...proven, answered('new one'), { type: 'password-judged', problem: undefined } as const];
    const questions = [toPassword.slice(0, 2), toPassword.slice(0, 3), [...toPassword, right(CODE)], proven, judged];
    expect(
      questions.map((events) => {
        const prompt = promptOf(play(events).state);
        return [prompt?.field, prompt?.secret];
      }),
    ).toEqual([
      ['username', false],
      ['password', true],
      ['code', false],
      ['new-password', true],
      ['repeat-password', true],
    ]);
  });

  it('does not ask a name that came with the call', () => {
    expect(play([{ type: 'started' }, { type: 'opened' }], { givenName: 'alice' }).field).toBe('password');
  });

  it('begins at the second factor where the host checked the password', () => {
    const facts = { givenName: 'alice', password: 'checked-by-host' } as const;
    expect(play([{ type: 'started' }, { type: 'opened' }], facts).effects).toEqual(['open', 'identify']);
    expect(play([{ type: 'started' }, { type: 'opened' }, right(CODE)], facts).field).toBe('code');
  });

  it('grants without a code only once the store has granted it: two-factor is off still', () => {
    const events = [...toPassword, right(NONE)];
    expect(play(events).state.at).toBe('granting');
    expect(play([...events, { type: 'claim-void', why: 'two-factor-changed' }]).state).toMatchObject({
      verdict: { outcome: 'denied' },
    });
    expect(play([...events, { type: 'granted' }]).state).toMatchObject({
      verdict: { outcome: 'granted', method: 'password' },
    });
  });

  it('names recovery and one-time codes in the method', () => {
    const asked = [...toPassword, right(CODE), answered('ABCDE-FGHJK')];
    expect(play([...asked, { type: 'recovery-code-consumed', granted: true, pairingId: 'p1', left: 9 }])).toMatchObject(
      {
        state: { verdict: { method: 'password+recovery' } },
      },
    );
    expect(play([...asked, { type: 'one-time-code-consumed', granted: true }])).toMatchObject({
      state: { verdict: { method: 'password+one-time' } },
    });
  });
});

describe('pairing', () => {
  it('shows the QR code once it is stored, then asks for its code', () => {
    const events = [...toPassword, right(PAIR)];
    expect(play(events)).toMatchObject({ state: { at: 'issuing' } });
    const issued: LoginEvent[] = [...events, { type: 'pairing-issued', pairingId: 'p', shown }];
    expect(play(issued).effects.at(-1)).toBe('show-pair');
    expect(play(issued).field).toBe('code');
  });

  it('offers recovery codes after pairing where the front end can show them', () => {
    const paired: LoginEvent[] = [
      ...toPassword,
      right(PAIR),
      { type: 'pairing-issued', pairingId: 'p', shown },
      answered('123456'),
      claimed({ granted: false, newlyPaired: true }),
    ];
    expect(play(paired).state.at).toBe('granting');
    const offered = play(paired, { recoveryCodes: 'offered' });
    expect(offered.state.at).toBe('recovery-offer');
    expect(play([...paired, answered('skip')], { recoveryCodes: 'offered' }).state.at).toBe('granting');
    const made: LoginEvent[] = [...paired, answered('show'), { type: 'recovery-codes-made', codes: ['A'] }];
    expect(play(made, { recoveryCodes: 'offered' }).effects.at(-1)).toBe('show-recovery-codes');
    const written = play([...made, answered('continue')], { recoveryCodes: 'offered' });
    expect(written).toMatchObject({ state: { at: 'granting' } });
    expect(written.effects.at(-1)).toBe('grant');
    const stray = play([...made, { type: 'granted' }], { recoveryCodes: 'offered' });
    expect(stray.state.at).toBe('recovery-shown');
  });

  it('sends a user of Central mode without a QR code to the administrator', () => {
    const { state, effects } = play([...toPassword, right(CENTRAL)]);
    expect(effects).toContain('say ask-administrator');
    expect(state).toMatchObject({ verdict: { outcome: 'denied', reason: 'administrator' } });
  });

  it('takes the one-time code of a user who has no QR code yet', () => {
    expect(play([...toPassword, right(CENTRAL, { hasOneTimeCode: true })]).field).toBe('code');
  });

  it('ends when another log-on replaced the secret', () => {
    const events = [
      ...toPassword,
      right(PAIR),
      { type: 'pairing-issued', pairingId: 'p', shown } as const,
      answered('123456'),
    ];
    expect(play([...events, { type: 'pairing-lost' }]).state).toMatchObject({ verdict: { outcome: 'denied' } });
  });
});

describe('before the date of a staged roll-out', () => {
  const soon = (factor: SecondFactorAnswer): SecondFactorAnswer => ({ ...factor, deferrableDays: 5 });

  it('lets a user pair now or later', () => {
    expect(play([...toPassword, right(soon(PAIR))]).field).toBe('choice');
    expect(play([...toPassword, right(soon(PAIR)), answered('pair')]).state.at).toBe('issuing');
    expect(play([...toPassword, right(soon(PAIR)), answered('later')]).state.at).toBe('granting');
  });

  it('asks again when the answer is none of the choices', () => {
    const { state, effects } = play([...toPassword, right(soon(PAIR)), answered('maybe')]);
    expect(state.at).toBe('offer');
    expect(effects.at(-1)).toBe('say choice-unknown');
  });

  it('warns a user of Central mode and lets the store decide', () => {
    const { state, effects } = play([...toPassword, right(soon(CENTRAL))]);
    expect(effects).toContain('say required-from');
    expect(state.at).toBe('granting');
  });
});

describe('wrong answers', () => {
  it('asks name and password again, and ends after the attempts', () => {
    const again = [answered('alice'), answered('pw')];
    expect(play([...toPassword, wrong()]).field).toBe('username');
    const twice = [...toPassword, wrong(), ...again, wrong()];
    expect(play(twice).field).toBe('username');
    expect(play([...twice, ...again, wrong(30)]).state).toEqual({
      at: 'done',
      verdict: { outcome: 'denied', reason: 'login-incorrect', retryAfterSeconds: 30 },
    });
  });

  it('asks for another code, and ends at once while codes are locked', () => {
    const code = [...toPassword, right(CODE), answered('000000')];
    const refused = (retryAfterSeconds: number): LoginEvent => ({
      type: 'code-refused',
      why: 'wrong',
      retryAfterSeconds,
    });
    expect(play([...code, refused(0)]).field).toBe('code');
    expect(play([...code, refused(30)]).state).toMatchObject({ verdict: { outcome: 'denied', retryAfterSeconds: 30 } });
    const all = [...code, refused(0), answered('000001'), refused(0), answered('000002'), refused(0)];
    expect(play(all).state).toMatchObject({ verdict: { outcome: 'denied', reason: 'login-incorrect' } });
  });
});

describe('what is said', () => {
  const wrongCode = (facts: { readonly stepsOff?: number } = {}): LoginEvent => ({
    type: 'code-refused',
    why: 'wrong',
    retryAfterSeconds: 0,
    ...facts,
  });
  const late: LoginEvent = {
    type: 'time-step-claimed',
    granted: false,
    pairingId: 'p1',
    newlyPaired: false,
    stepsOff: -1,
  };

  it('of a phone that was paired, also where it was granted at once', () => {
    const paired = [
      ...toPassword,
      right(PAIR),
      { type: 'pairing-issued', pairingId: 'p', shown } as const,
      answered('123456'),
    ];
    expect(effectsAfter([...paired, claimed({ newlyPaired: true })])).toEqual([{ do: 'say', notice: 'paired' }]);
    expect(effectsAfter([...paired, wrongCode()])).toEqual([{ do: 'say', notice: 'code-wrong-pairing' }]);
    const code = [...toPassword, right(CODE), answered('123456')];
    expect(effectsAfter([...code, claimed()])).toEqual([]);
    expect(effectsAfter([...code, wrongCode()])).toEqual([{ do: 'say', notice: 'code-wrong' }]);
  });

  it('of the clock of a phone: only where the wrong code and the right one were off to the same side', () => {
    const hints = (missed: { readonly stepsOff?: number }, then: LoginEvent) =>
      effectsAfter([...toPassword, right(CODE), answered('1'), wrongCode(missed), answered('2'), then]).filter(
        (effect) => effect.do === 'say',
      );
    expect(hints({ stepsOff: -8 }, late)).toEqual([
      { do: 'say', notice: 'phone-clock', values: { seconds: 240, side: 'behind' } },
    ]);
    expect(hints({ stepsOff: 8 }, late)).toEqual([]);
    expect(hints({}, late)).toEqual([]);
    expect(hints({ stepsOff: -8 }, claimed())).toEqual([]);
  });

  it('of a choice that is none: which there are', () => {
    const offer = right({ ...PAIR, deferrableDays: 5 });
    expect(effectsAfter([...toPassword, offer, answered('maybe')])).toEqual([
      { do: 'say', notice: 'choice-unknown', values: { options: 'pair, later' } },
    ]);
  });

  it('of an empty name, and ends after the attempts', () => {
    const empty: LoginEvent[] = [{ type: 'started' }, { type: 'opened' }, answered(' '), answered('')];
    expect(effectsAfter(empty)).toEqual([{ do: 'say', notice: 'name-empty' }]);
    expect(play([...empty, answered('\t')]).state).toMatchObject({ verdict: { reason: 'too-many-attempts' } });
  });

  it('of something that was changed meanwhile, or of a role that the console needs', () => {
    const code = [...toPassword, right(CODE), answered('1')];
    const said = (why: ClaimFailure) => effectsAfter([...code, { type: 'claim-void', why }])[0];
    expect(said('user-disabled')).toEqual({ do: 'say', notice: 'changed-meanwhile' });
    expect(said('role-not-allowed')).toEqual({ do: 'say', notice: 'no-console-role' });
  });

  it('of a machine that broke: the text of the fault, or none', () => {
    const problem = (text: { readonly text?: string }) =>
      effectsAfter([{ type: 'started' }, { type: 'failed', reason: 'configuration', ...text }])[0];
    expect(problem({ text: 'no 2FA' })).toMatchObject({ notice: 'configuration', values: { problem: 'no 2FA' } });
    expect(problem({})).toMatchObject({ notice: 'configuration', values: { problem: '' } });
  });
});

describe('what the store is asked', () => {
  it('to grant with the code where nothing is missing but the code, and else to wait', () => {
    const next = (facts: Partial<Person>, more?: Partial<LoginContext>) =>
      effectsAfter([...toPassword, right(CODE, facts), answered('123456')], more).map((effect) =>
        effect.do === 'check-code' ? effect.next : effect.do,
      );
    expect(next({})).toEqual(['grant']);
    expect(next({ mustChangePassword: true })).toEqual(['ask-more']);
    expect(next({ paired: false }, { recoveryCodes: 'offered' })).toEqual(['ask-more']);
    expect(next({ paired: true }, { recoveryCodes: 'offered' })).toEqual(['grant']);
    expect(next({ paired: false })).toEqual(['grant']);
  });

  it('to record an end under the name of who came so far, unless the trail has it', () => {
    const verdict = { outcome: 'cancelled' } as const;
    const cancelled: LoginEvent = { type: 'cancelled' };
    const known = [...toPassword, right(CODE), cancelled];
    expect(effectsAfter(known)).toEqual([{ do: 'record-verdict', verdict, name: 'alice' }]);
    expect(effectsAfter([...toPassword, cancelled])).toEqual([{ do: 'record-verdict', verdict, name: undefined }]);
    const locked = { type: 'code-refused', why: 'locked', retryAfterSeconds: 30, trail: 'has-it' } as const;
    expect(effectsAfter([...toPassword, right(CODE), answered('1'), locked])).toEqual([
      { do: 'say', notice: 'code-locked' },
    ]);
  });

  it('to keep in the proof how far the clock of the phone is off', () => {
    const claim: LoginEvent = { type: 'time-step-claimed', granted: false, pairingId: 'p1', newlyPaired: false };
    const proofOf = (event: LoginEvent) =>
      effectsAfter([...toPassword, right(CODE), answered('1'), event]).map((effect) =>
        effect.do === 'grant' ? effect.proof : effect.do,
      );
    expect(proofOf({ ...claim, stepsOff: -1 })).toEqual([{ by: 'time-step', pairingId: 'p1', stepsOff: -1 }]);
    expect(proofOf(claim)).toEqual([{ by: 'time-step', pairingId: 'p1' }]);
  });
});

describe('a new password', () => {
  const proven: LoginEvent[] = [
    ...toPassword,
    right(CODE, { mustChangePassword: true }),
    answered('123456'),
    claimed({ granted: false }),
  ];

  it('is asked after the second factor, twice, and saved with the grant', () => {
    expect(play(proven).field).toBe('new-password');
    const judged: LoginEvent[] = [
      ...proven,
      answered('correct horse'),
      { type: 'password-judged', problem: undefined },
    ];
    expect(play(judged).field).toBe('repeat-password');
    expect(play([...judged, answered('other')]).field).toBe('new-password');
    const saving = [...judged, answered('correct horse')];
    expect(play(saving).effects.at(-1)).toBe('grant');
    expect(play([...saving, { type: 'granted' }]).effects.at(-1)).toBe('say password-changed');
    const late: LoginEvent = { type: 'claim-void', why: 'password-changed' };
    expect(play([...saving, late]).state).toMatchObject({ verdict: { outcome: 'denied', why: 'password-changed' } });
  });

  it('is asked again when it breaks a rule', () => {
    const { field, effects } = play([...proven, answered('x'), { type: 'password-judged', problem: 'too short' }]);
    expect(field).toBe('new-password');
    expect(effects.at(-1)).toBe('say password-problem');
  });
});

/** They end every login that is not over. */
const ENDINGS: ReadonlySet<LoginEvent['type']> = new Set([
  'cancelled',
  'claim-void',
  'timed-out',
  'input-ended',
  'failed',
]);

/** What else moves a login on, by where it stands. */
const FITTING: Readonly<Record<LoginState['at'], readonly LoginEvent['type'][]>> = {
  start: ['started'],
  opening: ['opened'],
  username: ['answered'],
  password: ['answered'],
  'checking-password': ['password-right', 'password-wrong'],
  offer: ['answered'],
  issuing: ['pairing-issued', 'pairing-lost', 'code-refused'],
  code: ['answered'],
  'checking-code': [
    'time-step-claimed',
    'recovery-code-consumed',
    'one-time-code-consumed',
    'pairing-lost',
    'code-refused',
  ],
  'recovery-offer': ['answered'],
  'making-recovery-codes': ['recovery-codes-made', 'pairing-lost'],
  'recovery-shown': ['answered'],
  'new-password': ['answered'],
  'judging-password': ['password-judged'],
  'repeat-password': ['answered'],
  granting: ['granted'],
  done: [],
};

describe('any sequence of events', () => {
  const event: fc.Arbitrary<LoginEvent> = fc.oneof(
    fc.constantFrom<LoginEvent>(
      { type: 'started' },
      { type: 'opened' },
      { type: 'pairing-issued', pairingId: 'p', shown },
      { type: 'pairing-lost' },
      claimed({ newlyPaired: true }),
      claimed({ granted: false, newlyPaired: true }),
      { type: 'recovery-code-consumed', granted: false, pairingId: 'p1', left: 3 },
      { type: 'one-time-code-consumed', granted: true },
      { type: 'claim-void', why: 'user-disabled' },
      { type: 'password-judged', problem: undefined },
      { type: 'recovery-codes-made', codes: [] },
      { type: 'granted' },
      { type: 'cancelled' },
      { type: 'timed-out' },
      { type: 'input-ended' },
      { type: 'failed', reason: 'unavailable' },
      { type: 'code-refused', why: 'wrong', retryAfterSeconds: 0 },
      wrong(),
    ),
    fc.constantFrom(NONE, PAIR, CODE, CENTRAL).chain((factor) =>
      fc.record({
        type: fc.constant('password-right' as const),
        person: fc.record({ mustChangePassword: fc.boolean() }).map((facts) => person(factor, facts)),
      }),
    ),
    fc.constantFrom('alice', 'pair', 'later', 'show', 'skip', '123456', '').map(answered),
  );

  const PROOFS = new Set(['time-step-claimed', 'recovery-code-consumed', 'one-time-code-consumed']);

  it('never grants without a right password, a proof from the store and a written grant, in this order', () => {
    let grants = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.boolean(), (events, offered) => {
        let state: LoginState = INITIAL;
        let stage: 'none' | 'password' | 'proof' | 'recorded' = 'none';
        for (const next of [{ type: 'started' } as const, { type: 'opened' } as const, ...events]) {
          const before = state;
          state = transition({ ...context, recoveryCodes: offered ? 'offered' : 'not-offered' }, state, next).state;
          if (state === before) continue;
          if (next.type === 'password-right') stage = 'password';
          if (PROOFS.has(next.type) && stage === 'password') stage = 'proof';
          const asksNoCode = state.at === 'granting' && ['two-factor-off', 'not-yet-required'].includes(state.proof.by);
          if (asksNoCode && stage === 'password') stage = 'proof';
          const isGrant = next.type === 'granted' || ('granted' in next && next.granted);
          if (isGrant && stage === 'proof') stage = 'recorded';
          if (state.at === 'done' && state.verdict.outcome === 'granted') {
            grants += 1;
            expect(stage).toBe('recorded');
          }
        }
      }),
      { numRuns: 20_000, seed: 20261124 },
    );
    expect(grants).toBeGreaterThan(0);
  });

  it('changes nothing, and asks nothing of anybody, by an event that does not fit the state', () => {
    let strays = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), fc.boolean(), (events, offered) => {
        let state: LoginState = INITIAL;
        for (const next of [{ type: 'started' } as const, { type: 'opened' } as const, ...events]) {
          const moved = transition({ ...context, recoveryCodes: offered ? 'offered' : 'not-offered' }, state, next);
          if (!ENDINGS.has(next.type) && !FITTING[state.at].includes(next.type)) {
            strays += 1;
            expect(moved).toEqual({ state, effects: [] });
          }
          state = moved.state;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(strays).toBeGreaterThan(1_000);
  });

  it('stays where it is once it is done', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const done: LoginState = { at: 'done', verdict: { outcome: 'denied', reason: 'timed-out' } };
        for (const next of events) expect(transition(context, done, next)).toEqual({ state: done, effects: [] });
      }),
    );
  });
});
