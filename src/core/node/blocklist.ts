/** Common passwords, from a list in the package: no network. It is loaded when the first new password is judged. */
import { commonPasswordCheck } from '../common-password.ts';

let check: Promise<(password: string) => boolean> | undefined;

export async function isCommonPassword(password: string): Promise<boolean> {
  check ??= load();
  return (await check)(password);
}

async function load(): Promise<(password: string) => boolean> {
  const { COMMON_PASSWORDS } = await import('./blocklist-words.ts');
  return commonPasswordCheck(COMMON_PASSWORDS.trim().split(/\s+/));
}
