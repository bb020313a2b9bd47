/**
 * The people of the fake gate, for tests of hosts (docs/gate-protocol.md). Each name is a script: what comes of it is the same every time.
 * Names, passwords and codes are public: there is nothing behind them.
 */
import { nameKey } from '../../core/user.ts';

export type FakeScript =
  /** Password and code are right. */
  | 'granted'
  /** Two-factor is off: the password lets in. */
  | 'no-code'
  /** No code is ever right. */
  | 'wrong-code'
  /** As after too many failures: no password is right, and `retryAfterSeconds` says how long. */
  | 'locked'
  /** The gate breaks when it checks the password. */
  | 'unavailable'
  /** As `granted`, and every check takes SLOW_MS. */
  | 'slow'
  /** Two-factor is new: a secret is shown, then the code is asked. */
  | 'pair'
  /** As `pair`, and there are DAYS_LEFT days in which one may say later. */
  | 'later'
  /** Only an administrator can give the QR code. */
  | 'ask-admin'
  /** As `granted`, then a new password has to be chosen. */
  | 'new-password';

export const FAKE_USERS: readonly { readonly name: FakeScript; readonly outcome: string }[] = [
  { name: 'granted', outcome: 'granted after password and code' },
  { name: 'no-code', outcome: 'granted after the password' },
  { name: 'wrong-code', outcome: 'denied: no code is right' },
  { name: 'locked', outcome: 'denied: too many failures, wait 30 seconds' },
  { name: 'unavailable', outcome: 'unavailable: busy' },
  { name: 'slow', outcome: 'granted, each check takes 3 seconds' },
  { name: 'pair', outcome: 'shown a secret, granted after its code' },
  { name: 'later', outcome: 'offered to pair now or later' },
  { name: 'ask-admin', outcome: 'denied: only an administrator can help' },
  { name: 'new-password', outcome: 'granted after choosing a new password' },
];

export const FAKE_PASSWORD = 'password';
export const FAKE_CODE = '123456';
export const FAKE_RECOVERY_CODE = 'recovery';
export const FAKE_ONE_TIME_CODE = 'one-time';
export const SLOW_MS = 3000;
export const LOCKED_SECONDS = 30;
export const DAYS_LEFT = 7;

/** Undefined: nobody is called so, and the log-on is incorrect. */
export function fakeScriptOf(typedName: string): FakeScript | undefined {
  const key = nameKey(typedName);
  return FAKE_USERS.find(({ name }) => nameKey(name) === key)?.name;
}
