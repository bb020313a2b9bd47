/** Views of the form, one for each thing it can show. */
import type { FormView } from '../../src/gate/ink/form-view.ts';
import { qrCodes } from '../../src/terminal/qr-matrix.ts';
import { FAKE_CODES, FAKE_KEY, fakeUri } from './fake-login.ts';

export type ViewName =
  | 'name'
  | 'password'
  | 'code'
  | 'wrong'
  | 'pairing'
  | 'blanked'
  | 'choice'
  | 'recovery'
  | 'over'
  | 'help';

export async function formViews(label = 'St Elsewhere LIVE', user = 'alice'): Promise<Record<ViewName, FormView>> {
  const empty: FormView = {
    label,
    answered: [],
    open: { kind: 'waiting', pace: 'slow' },
    notices: [],
    pairing: undefined,
    recoveryCodes: undefined,
    help: 'hidden',
  };
  const name: FormView = {
    ...empty,
    open: { kind: 'field', label: 'User name', purpose: 'other', shown: typed(user) },
  };
  const password: FormView = {
    ...empty,
    answered: [{ label: 'User name', shown: typed(user) }],
    open: { kind: 'field', label: 'Password', purpose: 'other', shown: { text: '', length: 70, secret: true } },
  };
  const code: FormView = {
    ...password,
    answered: [...password.answered, { label: 'Password', shown: { text: '', length: 8, secret: true } }],
    open: { kind: 'field', label: 'Code', purpose: 'code', shown: typed('123') },
  };
  const uri = fakeUri(label);
  const pair = { type: 'pair', label, user, uri, key: FAKE_KEY, expiresInSeconds: 900 } as const;
  const pairing: FormView = {
    ...code,
    notices: [{ type: 'notice', level: 'error', text: 'That code is not right. '.repeat(6) }],
    pairing: { pair, codes: await qrCodes(uri), picture: 'shown', polarity: 'light-on-dark' },
  };
  const choice: FormView = {
    ...empty,
    open: { kind: 'choice', label: 'Set it up now, or later', options: ['pair', 'later'], selected: 1 },
  };
  return {
    name,
    password,
    code,
    wrong: { ...code, notices: [{ type: 'notice', level: 'error', text: 'That code is not right.' }] },
    pairing,
    blanked: { ...pairing, pairing: pairing.pairing && { ...pairing.pairing, picture: 'blanked' } },
    choice,
    recovery: {
      ...choice,
      notices: [{ type: 'notice', level: 'info', text: 'Write them down now: they are not shown again.' }],
      recoveryCodes: FAKE_CODES,
      open: { kind: 'choice', label: 'Written down', options: ['continue'], selected: 0 },
    },
    over: {
      ...empty,
      notices: [{ type: 'notice', level: 'warning', text: 'You used a recovery code. You have 3 left.' }],
      open: {
        kind: 'over',
        done: { type: 'done', outcome: 'denied', reason: 'login-incorrect', retryAfterSeconds: 30 },
      },
    },
    help: { ...code, help: 'shown' },
  };
}

function typed(text: string) {
  return { text, length: [...text].length, secret: false };
}
