/** Every sentence a login says, in one place; the machine knows codes only. 7-bit, so that every terminal can show them. */
import type { Field, Notice } from './message.ts';

export type NoticeCode =
  | 'login-incorrect'
  | 'name-empty'
  | 'code-wrong'
  | 'code-wrong-pairing'
  | 'code-already-used'
  | 'code-locked'
  | 'phone-clock'
  | 'pairing-lost'
  | 'pairing-replaced'
  | 'changed-meanwhile'
  | 'no-console-role'
  | 'paired'
  | 'ask-administrator'
  | 'pairing-days-over'
  | 'one-time-code-only'
  | 'choice-unknown'
  | 'required-from'
  | 'recovery-codes'
  | 'recovery-left'
  | 'change-password'
  | 'password-problem'
  | 'passwords-differ'
  | 'password-changed'
  | 'timed-out'
  | 'old-answer'
  | 'busy'
  | 'unavailable'
  | 'configuration'
  | 'internal';

type Values = Readonly<Record<string, string | number>>;

export function noticeOf(code: NoticeCode, values: Values = {}): Notice {
  const { level, text } = NOTICES[code];
  return { type: 'notice', level, text: text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')) };
}

const NOTICES: Readonly<Record<NoticeCode, Pick<Notice, 'level' | 'text'>>> = {
  'login-incorrect': { level: 'error', text: 'Login incorrect.' },
  'name-empty': { level: 'error', text: 'Type your user name.' },
  'code-wrong': {
    level: 'error',
    text: 'That code is not right. Take the code that the app shows now for this system.',
  },
  'code-wrong-pairing': {
    level: 'error',
    text: 'That code is not right. Check that the clock of your phone is set automatically and that you read the new account, named as shown here.',
  },
  'code-already-used': {
    level: 'error',
    text: 'That code was used already. Wait until the app shows the next one.',
  },
  'code-locked': { level: 'error', text: 'Login incorrect. Too many wrong codes.' },
  'phone-clock': {
    level: 'warning',
    text: "The clock of your phone seems to be {seconds} seconds {side} this system's. Let the phone set it automatically. If others see this too, tell your administrator.",
  },
  'pairing-lost': {
    level: 'error',
    text: 'This QR code is no longer valid, because another login or an administrator replaced it. Delete its account from the app and log in again.',
  },
  'pairing-replaced': {
    level: 'error',
    text: 'You are not logged in: your phone was unpaired or replaced while you were logging in. Delete its old account from the app and log in again.',
  },
  'changed-meanwhile': {
    level: 'error',
    text: 'You are not logged in: your account was changed while you were logging in. Start again.',
  },
  'no-console-role': { level: 'error', text: 'This account has no role in the console. Ask an administrator.' },
  paired: { level: 'info', text: 'Your phone is paired. From now on you need its code to log on.' },
  'ask-administrator': {
    level: 'error',
    text: 'Ask your administrator for your QR code. You need it to log on.',
  },
  'pairing-days-over': {
    level: 'error',
    text: 'The time to pair a phone by yourself is over. Ask your administrator for your QR code.',
  },
  'one-time-code-only': { level: 'info', text: 'Type the one-time code that your administrator gave you.' },
  'choice-unknown': { level: 'error', text: 'Answer with one of: {options}' },
  'required-from': {
    level: 'warning',
    text: 'Two-factor login will be required of you in {days} days. Ask your administrator for your QR code before then.',
  },
  'recovery-codes': {
    level: 'info',
    text: 'Recovery codes. Each lets you in once when you do not have your phone. Write them down now: they are not shown again.',
  },
  'recovery-left': { level: 'warning', text: 'You used a recovery code. You have {left} left.' },
  'change-password': { level: 'info', text: 'You have to choose a new password.' },
  'password-problem': { level: 'error', text: '{problem}' },
  'passwords-differ': { level: 'error', text: 'The two passwords are not the same. Begin again with the new one.' },
  'password-changed': { level: 'info', text: 'Your password is changed.' },
  'timed-out': { level: 'error', text: 'Time is up. Log on again.' },
  'old-answer': { level: 'error', text: 'That answer is not for the question that is open.' },
  busy: { level: 'error', text: 'Gatehouse is busy. Try again in a moment.' },
  unavailable: {
    level: 'error',
    text: 'Nobody can log on at the moment. Ask your administrator to run: gatehouse doctor',
  },
  configuration: { level: 'error', text: 'Nobody can log on: {problem}' },
  internal: { level: 'error', text: 'Nobody can log on: Gatehouse met an error of its own. Tell your administrator.' },
};

/** The labels of the questions. Front ends add colon and space. */
export const FIELD_LABELS: Readonly<Record<Exclude<Field, 'choice'>, string>> = {
  username: 'User name',
  password: 'Password',
  code: 'Code',
  'new-password': 'New password',
  'repeat-password': 'New password again',
};

/** The options of choices, in words for people; front ends answer with the option itself. */
export function optionWords(option: string): string {
  return OPTION_WORDS[option] ?? option;
}

const OPTION_WORDS: Readonly<Record<string, string>> = {
  pair: 'Set it up now',
  code: 'Type a code now',
  later: 'Later',
  show: 'Show recovery codes',
  skip: 'Not now',
  continue: 'I have written them down',
};

export const OFFER_LABEL = 'Two-factor login will be required of you in {days} days. Set it up now, or later';
export const CODE_OFFER_LABEL = 'Two-factor login will be required of you in {days} days. Type a code now, or later';
export const RECOVERY_OFFER_LABEL = 'Show recovery codes, for the day you do not have your phone';
export const RECOVERY_SHOWN_LABEL = 'Written down';
