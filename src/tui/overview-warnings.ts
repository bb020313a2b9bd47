/** What an administrator should mend, the gravest first, and how. PURE. */
import { type ClockReading, hostClockText } from '../core/clock-drift.ts';
import { labelAdvice } from '../core/config/label.ts';
import type { Mode, StoreEngine } from '../core/config/model.ts';
import { ENGINE_COMMAND, engineAdvice } from '../core/engine-advice.ts';
import type { User } from '../core/ports.ts';
import type { EpochMs } from '../core/user.ts';
import { type Named, namesText, type People } from './overview-people.ts';

export type Warning = {
  readonly level: 'error' | 'warning';
  /** Not inert: names are in it. */
  readonly text: string;
  readonly mend: string;
};

/** Whoever was asked to pair so many days ago, and did not, has probably not understood how. */
export const LONG_WAIT_DAYS = 14;

export type WarningFacts = {
  readonly mode: Mode | undefined;
  readonly engine: StoreEngine;
  /** Why config.ini as it stands is not in force. */
  readonly trouble: string | undefined;
  /** Undefined until everybody was looked at. */
  readonly people: People | undefined;
  readonly overdue: Named;
  /** Undefined until the audit trail was read. */
  readonly clock?: ClockReading | undefined;
};

export function warningsOf({ mode, engine, trouble, people, overdue, clock }: WarningFacts): readonly Warning[] {
  const warnings: Warning[] = [...modeWarnings(mode, people)];
  if (trouble !== undefined) {
    warnings.push({
      level: 'error',
      text: `config.ini was changed and has a problem; what was in force before still is. ${trouble}`,
      mend: 'Mend the file; gatehouse config check names line and key.',
    });
  }
  return [
    ...warnings,
    ...(clock === undefined ? [] : clockWarnings(clock, engine)),
    ...(people === undefined ? [] : peopleWarnings(people)),
    ...pairingWarnings(mode, people, overdue),
    ...engineWarnings(engine, people),
  ];
}

/** Users who are required to pair since long ago, or whose date for it is that long past. */
export function overdueOf(required: readonly User[], now: EpochMs): Named {
  const since = now - LONG_WAIT_DAYS * 86_400_000;
  const late = required.filter(
    ({ disabled, twoFactor: { requiredAt, requiredFrom } }) =>
      !disabled && requiredAt !== null && Math.max(requiredAt, requiredFrom ?? 0) < since,
  );
  return { count: late.length, names: late.slice(0, 3).map((user) => user.name) };
}

function modeWarnings(mode: Mode | undefined, people: People | undefined): readonly Warning[] {
  const on = people === undefined ? undefined : people.total - people.counts.off;
  if (mode === undefined) {
    const who =
      on === undefined ? 'Users with two-factor on' : `${on} ${on === 1 ? 'user' : 'users'} with two-factor on`;
    return [
      {
        level: 'error',
        text: `THE 2FA SETTING IS MISSING in config.ini. ${who} cannot log on.`,
        mend: 'On the Config screen set 2FA to Auto or Central and a label.',
      },
    ];
  }
  if (mode.kind === 'off') {
    const who = on === undefined || on === 0 ? '' : ` ${on} of them have two-factor on.`;
    return [
      {
        level: 'error',
        text: `TWO-FACTOR IS OFF (2FA=Off). Everybody logs on with the password alone.${who}`,
        mend: 'On the Config screen set 2FA to Auto or Central and a label.',
      },
    ];
  }
  const advice = labelAdvice(mode.label);
  if (advice === undefined) return [];
  const text = `The label "${mode.label}" does not tell this system from others. ${advice}`;
  return [{ level: 'warning', text, mend: 'Change 2FA on the Config screen; it holds for new QR codes.' }];
}

function clockWarnings(clock: ClockReading, engine: StoreEngine): readonly Warning[] {
  const text = hostClockText(clock, engine);
  if (text === undefined) return [];
  return [
    {
      level: 'error',
      text: `${text}: right codes are refused.`,
      mend: 'Set it by a time server: timedatectl set-ntp true.',
    },
  ];
}

function peopleWarnings({ admins, bareAdmins, lockedForGood, waiting }: People): readonly Warning[] {
  const warnings: Warning[] = [];
  if (lockedForGood.count > 0) {
    warnings.push({
      level: 'error',
      text: `Locked out until somebody unlocks them: ${namesText(lockedForGood)}.`,
      mend: 'Open each in Users, ask what happened, and press l there.',
    });
  }
  if (bareAdmins.count > 0) {
    warnings.push({
      level: 'warning',
      text: `Administrators without two-factor: ${namesText(bareAdmins)}.`,
      mend: 'Open each in Users and press a there.',
    });
  }
  if (admins.count === 1) {
    warnings.push({
      level: 'warning',
      text: `${namesText(admins)} is the only administrator; nobody can help when that phone is lost.`,
      mend: 'Give a second person the role admin: open them in Users and press e.',
    });
  }
  if (waiting.count > 0) {
    warnings.push({
      level: 'warning',
      text: `Waiting after wrong passwords or codes: ${namesText(waiting)}.`,
      mend: 'It passes by itself; to let them try at once, open them in Users and press l.',
    });
  }
  return warnings;
}

function pairingWarnings(mode: Mode | undefined, people: People | undefined, overdue: Named): readonly Warning[] {
  const required = people?.counts.required ?? 0;
  if (mode?.kind === 'central' && required > 0) {
    return [
      {
        level: 'warning',
        text: `${required} ${required === 1 ? 'user has' : 'users have'} no QR code yet and cannot log on with two-factor.`,
        mend: 'In Users press f until 2FA is required; open each and press s. Or export: gatehouse 2fa qr NAME.',
      },
    ];
  }
  if (overdue.count === 0) return [];
  return [
    {
      level: 'warning',
      text: `Required for more than ${LONG_WAIT_DAYS} days and not paired: ${namesText(overdue)}.`,
      mend: 'Ask whether they log on at all; a one-time code (o in User Properties) helps over a lost moment.',
    },
  ];
}

function engineWarnings(engine: StoreEngine, people: People | undefined): readonly Warning[] {
  const text = people === undefined ? undefined : engineAdvice(engine, people.total);
  return text === undefined
    ? []
    : [{ level: 'warning', text, mend: `Change the engine when nobody is at work: ${ENGINE_COMMAND}` }];
}
