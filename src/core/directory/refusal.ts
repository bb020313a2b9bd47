/** What the directory answers when it will not do something: an expected outcome, told as a sentence and a next step. */
import type { FaultCode } from '../errors.ts';
import type { User } from '../ports.ts';

export type RefusalCode =
  | 'not-permitted' // the actor's role does not reach that far
  | 'no-such-user'
  | 'taken' // a user of that name exists
  | 'bad-name'
  | 'bad-text' // display name or group
  | 'bad-password'
  | 'last-admin'
  | 'conflict' // edited by somebody else meanwhile
  | 'two-factor-off' // for that user
  | 'no-label' // no mode in config.ini under which a QR code could be made
  | 'not-paired';

export type Refusal = {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** For people; user names in it are inert already. */
  readonly text: string;
  readonly hint?: string;
  /** With `conflict`: the user as somebody else left it. */
  readonly current?: User;
};

export function refusal(code: RefusalCode, text: string, hint?: string): Refusal {
  return hint === undefined ? { kind: 'refused', code, text } : { kind: 'refused', code, text, hint };
}

/** Half a sentence as a whole one. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The fault a command ends with where the directory refused (SPEC §4, exit statuses). */
export function faultCodeOf(code: RefusalCode): FaultCode {
  switch (code) {
    case 'no-such-user':
      return 'not-found';
    case 'taken':
      return 'exists';
    case 'bad-name':
    case 'bad-text':
    case 'bad-password':
      return 'bad-data';
    case 'conflict':
      return 'busy';
    case 'no-label':
      return 'configuration';
    case 'not-permitted':
    case 'last-admin':
    case 'two-factor-off':
    case 'not-paired':
      return 'denied';
  }
}
