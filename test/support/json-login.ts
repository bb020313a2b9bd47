/** Log-ons of the tests of commands: the answers in order, and the code of a time step by the program's own arithmetic. */
import type { Done } from '../../src/core/login/message.ts';
import { codeAt } from '../../src/core/totp.ts';
import { secretBytes } from './authenticator.ts';
import type { Shell } from './gatehouse-process.ts';
import { jsonLogin, secretIn } from './host-login.ts';

/** What the app shows at that time step for the key URI that it scanned. */
export function appCode(uri: string, timeStep: number): string {
  return codeAt(secretBytes(secretIn(uri)), timeStep);
}

/** `answers` to password, code and whatever follows, in this order; then the input ends. */
export async function logInByJson(
  shell: Shell,
  user: string,
  answers: readonly string[],
): Promise<{ readonly status: number | null; readonly done: Done }> {
  const left = [...answers];
  const next = () => left.shift();
  const { status, done } = await jsonLogin(shell.folder, { username: user, password: next, code: next });
  if (done === undefined) throw new Error('the gate said no done');
  return { status, done };
}
