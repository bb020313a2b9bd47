/** How an account gets its password from an administrator: made here, given, or none at all (a host that checks its own). */
import type { Config } from '../config/model.ts';
import { newPasswordProblem, newPasswordProblemText } from '../password-rules.ts';
import type { UserEdit } from '../ports.ts';
import type { TwoFactorState } from '../two-factor.ts';
import { INITIAL_PASSWORD_MS, makeInitialPassword } from './initial-password.ts';
import type { DirectoryParts } from './parts.ts';
import { type Refusal, refusal } from './refusal.ts';

export type PasswordChoice =
  /** Random, told once, to be changed at the first log-on, dead after a week. */
  | { readonly kind: 'generated' }
  | { readonly kind: 'given'; readonly password: string; readonly thereafter: 'stays' | 'must-change' }
  | { readonly kind: 'none' };

export type PasswordFields = Required<Pick<UserEdit, 'passwordHash' | 'mustChangePassword' | 'passwordExpiresAt'>>;

export type ChosenPassword = {
  readonly kind: 'chosen';
  readonly fields: PasswordFields;
  /** In clear, where it was generated: to be shown once. */
  readonly generated?: string;
};

export const NO_PASSWORD: PasswordFields = { passwordHash: null, mustChangePassword: false, passwordExpiresAt: null };

export type PasswordFor = { readonly userName: string; readonly twoFactor: TwoFactorState };

export async function choosePassword(
  parts: DirectoryParts,
  choice: PasswordChoice,
  whose: PasswordFor,
): Promise<ChosenPassword | Refusal> {
  switch (choice.kind) {
    case 'none':
      return { kind: 'chosen', fields: NO_PASSWORD };
    case 'generated': {
      const generated = makeInitialPassword(parts.random);
      const passwordHash = await parts.hasher.hash(generated);
      const passwordExpiresAt = parts.clock.now() + INITIAL_PASSWORD_MS;
      return { kind: 'chosen', generated, fields: { passwordHash, mustChangePassword: true, passwordExpiresAt } };
    }
    case 'given': {
      const problem = await givenPasswordProblem(parts, choice.password, whose);
      if (problem !== undefined) return refusal('bad-password', problem);
      const passwordHash = await parts.hasher.hash(choice.password);
      const mustChangePassword = choice.thereafter === 'must-change';
      return { kind: 'chosen', fields: { passwordHash, mustChangePassword, passwordExpiresAt: null } };
    }
  }
}

/** A sentence, or undefined. Also for forms that check while somebody types. */
export async function givenPasswordProblem(
  parts: Pick<DirectoryParts, 'config' | 'isBlockedPassword'>,
  password: string,
  { userName, twoFactor }: PasswordFor,
): Promise<string | undefined> {
  const { mode } = parts.config;
  const problem = await newPasswordProblem({
    password,
    userName,
    label: mode === undefined || mode.kind === 'off' ? '' : mode.label,
    minLength: passwordMinLength(parts.config, twoFactor),
    isBlocked: parts.isBlockedPassword,
  });
  return problem === undefined ? undefined : newPasswordProblemText(problem);
}

/** NIST SP 800-63B-4 §3.1.1.2: 15 characters where the password is the only factor, 8 where a second one follows. */
export function passwordMinLength(config: Config, twoFactor: TwoFactorState): number {
  const alone = twoFactor === 'off' || config.mode === undefined || config.mode.kind === 'off';
  return alone ? config.password.minLengthWithout2FA : config.password.minLength;
}
