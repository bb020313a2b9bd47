/** Administrators who cannot log in by themselves: two-factor is required of them, and only an administrator can pair them. */
import type { Config } from '../config/model.ts';
import { secondFactorFor } from '../policy.ts';
import type { User } from '../ports.ts';
import type { EpochMs } from '../user.ts';
import { inert } from '../visible-text.ts';

type Settings = Pick<Config, 'mode'> & { readonly login: Pick<Config['login'], 'autoPairingWithinDays'> };

/** True if the right password, and a phone, are enough: nobody else has to help. A deadline to come does not count as help. */
export function getsIn(user: User, { mode, login }: Settings, now: EpochMs): boolean {
  if (mode === undefined) return false;
  const { autoPairingWithinDays } = login;
  const { factor } = secondFactorFor({ mode, twoFactor: user.twoFactor, autoPairingWithinDays, now });
  return factor.kind !== 'administrator';
}

/** A warning, or undefined where there is no such administrator. Without a 2FA setting there is another one. */
export function shutOutText(users: readonly User[], settings: Settings, now: EpochMs): string | undefined {
  if (settings.mode === undefined) return undefined;
  const admins = users.filter((user) => user.role === 'admin' && !user.disabled);
  const shutOut = admins.filter((user) => !getsIn(user, settings, now));
  if (shutOut.length === 0) return undefined;
  const all = shutOut.length === admins.length ? 'NO ADMINISTRATOR CAN LOG IN NOW. ' : '';
  const names = shutOut.map(({ name }) => inert(name)).join(', ');
  return (
    `${all}Administrators who are not paired cannot log in until they are shown a QR code: ${names}. ` +
    'On the host, run: gatehouse 2fa qr NAME'
  );
}
