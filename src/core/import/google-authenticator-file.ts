/**
 * One `.google_authenticator` file of libpam-google-authenticator (its FILEFORMAT): the secret on the first line, options on lines that begin with
 * a double quote and a blank, scratch codes of eight digits. Invariant: no part of a scratch code comes back out, only how many there are.
 */
import { PERIOD_SECONDS } from '../time-step.ts';
import {
  ANEW,
  type ForeignSecret,
  type ForeignSecrets,
  type LeftBehind,
  type PlacedProblem,
  readForeignSecret,
} from './foreign-secrets.ts';

export type GoogleAuthenticatorReading =
  | {
      readonly kind: 'read';
      readonly secret: Uint8Array;
      readonly leftBehind: LeftBehind;
    }
  | { readonly kind: 'bad-lines'; readonly problems: readonly LineProblem[] };

type LineProblem = { readonly line: number; readonly text: string };

export function readGoogleAuthenticatorFile(text: string): GoogleAuthenticatorReading {
  const [first = '', ...rest] = text.split(/\r\n|\n/).map((line) => line.trim());
  const reading = first === '' ? undefined : readForeignSecret(first);
  const problems: LineProblem[] = [];
  if (reading === undefined) problems.push({ line: 1, text: 'the secret is missing: it stands on the first line' });
  else if (reading.kind === 'bad-secret') problems.push({ line: 1, text: reading.text });
  let scratchCodes = 0;
  const options = new Map<string, string>();
  for (const [index, line] of rest.entries()) {
    if (line === '') continue;
    if (SCRATCH_CODE.test(line)) {
      scratchCodes += 1;
      continue;
    }
    const [, name, value = ''] = OPTION.exec(line) ?? [];
    if (name === undefined) problems.push({ line: index + 2, text: 'it is neither an option nor a scratch code' });
    else options.set(name, value);
    const wrong = name === undefined ? undefined : optionProblem(name, value);
    if (wrong !== undefined) problems.push({ line: index + 2, text: wrong });
  }
  if (!options.has('TOTP_AUTH') && problems.length === 0) {
    problems.push({
      line: 1,
      text: 'it has no line " TOTP_AUTH: pam takes no time-based codes for it, so it is not clear that the phone shows them',
    });
  }
  if (problems.length > 0 || reading?.kind !== 'secret') return { kind: 'bad-lines', problems };
  const leftBehind = { scratchCodes, skewSteps: Number(options.get('TIME_SKEW') ?? 0) };
  return { kind: 'read', secret: reading.secret, leftBehind };
}

const SCRATCH_CODE = /^\d{8}$/;
const OPTION = /^" ([A-Z][A-Z0-9_]*)(?:\s+(.*))?$/;

/** Options that need no counterpart: who may guess how often and which code counts is decided here for everybody alike. */
const WITHOUT_COUNTERPART = /^(TOTP_AUTH|RATE_LIMIT|WINDOW_SIZE|DISALLOW_REUSE|RESETTING_TIME_SKEW|LAST\d)$/;

function optionProblem(name: string, value: string): string | undefined {
  if (WITHOUT_COUNTERPART.test(name)) return undefined;
  switch (name) {
    case 'TIME_SKEW':
      return /^-?\d{1,9}$/.test(value) ? undefined : 'its TIME_SKEW is not a whole number';
    case 'STEP_SIZE':
      if (value === String(PERIOD_SECONDS)) return undefined;
      return `its STEP_SIZE is not ${PERIOD_SECONDS}, and such codes are not taken; leave it out and ${ANEW}`;
    case 'HOTP_COUNTER':
      return `its codes count log-ons (HOTP), and only time-based ones are taken; leave it out and ${ANEW}`;
    case 'OTP_DISABLED':
      return 'two-factor is switched off in it (OTP_DISABLED); take that line out to switch it on by the import, or leave the file out';
    default:
      return 'google-authenticator has no such option';
  }
}

/** One such file, as it was found. */
export type GoogleAuthenticatorFile = { readonly path: string; readonly userName: string; readonly text: string };

/** `unreadable`: what was wrong with files whose text is not there. */
export function secretsOfFiles(
  files: readonly GoogleAuthenticatorFile[],
  unreadable: readonly PlacedProblem[],
): ForeignSecrets {
  const secrets: ForeignSecret[] = [];
  const problems = [...unreadable];
  for (const { path, userName, text } of files) {
    const reading = readGoogleAuthenticatorFile(text);
    if (reading.kind === 'read') {
      const { secret, leftBehind } = reading;
      secrets.push({ place: { file: path, line: null }, userName, secret, leftBehind });
      continue;
    }
    problems.push(...reading.problems.map(({ line, text }) => ({ place: { file: path, line }, userName, text })));
  }
  return { origin: 'google-authenticator', secrets, problems };
}
