/** What a changed setting means for the people and programs concerned, and from when on: for whoever is about to save it. */
import { labelAdvice } from './label.ts';
import type { Config, Mode, StoreEngine } from './model.ts';
import type { SettingKey } from './settings.ts';

export type ChangeRemark = {
  /** `danger`: a protection goes, or people are shut out. */
  readonly level: 'danger' | 'warning' | 'note';
  readonly text: string;
};

/** Read when a process starts: those that run now go on with the old value. */
const RESTART: ReadonlySet<string> = new Set<SettingKey>([
  'Password.Argon2MemoryMiB',
  'Password.Argon2Passes',
  'Store.Engine',
  'Store.Path',
  'Store.Url',
  'Store.KeyFile',
  'Audit.Path',
  'Server.Socket',
  'Server.HostSocket',
]);

export function needsRestart(key: string): boolean {
  return RESTART.has(key);
}

/** `key`: the setting that differs between the two, `2FA` or `Section.Key`. */
export function changeRemarks(key: string, before: Config, after: Config): readonly ChangeRemark[] {
  const remarks = key === '2FA' ? modeRemarks(before.mode, after.mode) : settingRemarks(key, before, after);
  const restart = 'Holds once the console and gatehouse serve are started again.';
  return needsRestart(key) ? [...remarks, { level: 'note', text: restart }] : remarks;
}

function modeRemarks(before: Mode | undefined, after: Mode | undefined): readonly ChangeRemark[] {
  if (after === undefined) {
    return [{ level: 'danger', text: 'WITHOUT A 2FA SETTING NOBODY WITH TWO-FACTOR ON IS LET IN.' }];
  }
  if (after.kind === 'off') {
    const text =
      'THIS SWITCHES TWO-FACTOR OFF. Nobody is asked for a code any more, whoever has it on logs on with the password alone. Secrets and pairings stay, and count again when it is switched on.';
    return before?.kind === 'off' ? [] : [{ level: 'danger', text }];
  }
  const remarks: ChangeRemark[] = [];
  if (before === undefined || before.kind === 'off') {
    remarks.push({ level: 'warning', text: 'Whoever has two-factor on is asked for a code from the next log-on on.' });
  }
  if (before?.kind !== after.kind) remarks.push({ level: 'note', text: MODE_TEXT[after.kind] });
  if (before !== undefined && before.kind !== 'off' && before.label !== after.label) {
    const text = 'The label of new QR codes alone: who is paired goes on with the old one, and need do nothing.';
    remarks.push({ level: 'note', text });
  }
  const advice = labelAdvice(after.label);
  return advice === undefined ? remarks : [...remarks, { level: 'warning', text: advice }];
}

const MODE_TEXT: Readonly<Record<Exclude<Mode['kind'], 'off'>, string>> = {
  auto: 'Whoever is not paired yet is shown a QR code at the next log-on.',
  central: 'Whoever is not paired yet cannot log on until an administrator hands out the QR code.',
};

function settingRemarks(key: string, before: Config, after: Config): readonly ChangeRemark[] {
  switch (key) {
    case 'Login.CodeWindow':
      return after.login.codeWindow > 1
        ? [{ level: 'warning', text: 'More steps are more codes that are right at a time; 1 is advised.' }]
        : [];
    case 'Login.AutoPairingWithinDays':
      return after.login.autoPairingWithinDays > 0
        ? [{ level: 'note', text: 'Whoever is past these days already needs an administrator to pair.' }]
        : [];
    case 'Password.MinLength':
    case 'Password.MinLengthWithout2FA':
      return passwordRemarks(after);
    case 'Password.Argon2MemoryMiB':
    case 'Password.Argon2Passes':
      return [{ level: 'note', text: 'Where it is raised, each password is hashed anew at its next log-on.' }];
    case 'Store.Engine':
      return engineRemarks(before.store.engine, after.store.engine);
    case 'Store.Path':
    case 'Store.Url':
      return [{ level: 'danger', text: 'NO USER IS MOVED. The database of this facility has to be there already.' }];
    case 'Store.KeyFile':
      return [
        { level: 'danger', text: 'THE KEY IS NOT MOVED. Without the key of this facility nobody logs on with a code.' },
      ];
    case 'Audit.Path':
      return [
        { level: 'warning', text: 'The trail is not moved: a new one begins there, unless you move the folder first.' },
      ];
    case 'Server.Socket':
    case 'Server.HostSocket':
      return [{ level: 'note', text: 'Gates and hosts have to be told of it as well.' }];
    default:
      return lockoutRemarks(key, after);
  }
}

function engineRemarks(before: StoreEngine, after: StoreEngine): readonly ChangeRemark[] {
  if (before === after) return [];
  if (before === 'postgres' || after === 'postgres') {
    const text = `NO USER IS MOVED BY THIS. gatehouse store migrate --to ${after} moves them, and changes the setting when all are there.`;
    return [{ level: 'danger', text }];
  }
  const text =
    'Users stay: it is the same file. Until the last gate, console and server of the old engine has ended, those of the new one are told that the database is held open.';
  return [{ level: 'warning', text }];
}

function passwordRemarks({ password }: Config): readonly ChangeRemark[] {
  const remarks: ChangeRemark[] = [{ level: 'note', text: 'Holds for new passwords; those there are go on.' }];
  if (password.minLengthWithout2FA < 15) {
    remarks.push({ level: 'warning', text: 'Where the password is the only factor, NIST SP 800-63B-4 asks for 15.' });
  }
  return remarks;
}

function lockoutRemarks(key: string, { lockout }: Config): readonly ChangeRemark[] {
  if (key !== 'Lockout.FirstDelaySeconds' && key !== 'Lockout.PasswordFailures' && key !== 'Lockout.CodeFailures')
    return [];
  const strict = lockout.passwordFailures < 3 || lockout.codeFailures < 3;
  return strict ? [{ level: 'warning', text: 'One or two slips make people wait; expect calls.' }] : [];
}
