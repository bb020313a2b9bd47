/** What `doctor` says of the clock. The phones of many users know the time; what their codes say of ours needs no network. */
import { hostClock, hostClockText, LEAST_USERS } from '../clock-drift.ts';
import type { Config } from '../config/model.ts';
import { isoTime } from '../directory/user-summary.ts';
import type { User } from '../ports.ts';
import { timeStepAt } from '../time-step.ts';
import type { EpochMs } from '../user.ts';
import { recentCodeMatches } from './code-matches.ts';
import { type Check, ok, warn } from './doctor-check.ts';
import type { Facility } from './facility.ts';

/** A step that was accepted is in the past, but for the window: else the clock was set back (ACCEPTANCE C5). */
export function clockCheck(users: readonly User[], config: Config, now: EpochMs): Check {
  const latest = users.reduce((step, user) => Math.max(step, user.twoFactor.pairing?.lastStep ?? 0), 0);
  const ahead = latest - timeStepAt(now) - config.login.codeWindow;
  return ahead > 0
    ? warn(
        'clock',
        `The clock is behind the last accepted code: it was set back, by ${Math.ceil(ahead / 2)} minutes at least. Codes are refused until it has caught up.`,
      )
    : ok('clock', `The clock says ${isoTime(now)}.`);
}

export async function phonesCheck({ facility }: { readonly facility: Facility }): Promise<Check> {
  const { config, store, trail } = facility;
  const reading = hostClock(await recentCodeMatches(trail, await store.now()));
  const wrong = hostClockText(reading, config.store.engine);
  if (wrong !== undefined) return warn('phones', `${wrong}. Set it by a time server: timedatectl set-ntp true`);
  return reading.kind === 'unknown'
    ? ok(
        'phones',
        `Codes of ${LEAST_USERS} users are needed to tell whether the clock is right; ${reading.users} gave one of late.`,
      )
    : ok('phones', `The codes of ${reading.users} users agree with the clock.`);
}
