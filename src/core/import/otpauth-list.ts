/**
 * A list of key URIs (`otpauth://totp/Issuer:user?secret=...`), one a line; blank lines and lines that begin with # are passed over. Only what our
 * own codes are is taken: time-based, SHA-1, six digits, 30 seconds. A URI that says otherwise would pair with nothing.
 */
import { PERIOD_SECONDS } from '../time-step.ts';
import { CODE_DIGITS } from '../totp-code.ts';
import {
  ANEW,
  type ForeignSecret,
  type ForeignSecrets,
  NOTHING_LEFT_BEHIND,
  type PlacedProblem,
  readForeignSecret,
} from './foreign-secrets.ts';

/** `file` names the list in problems. */
export function readOtpauthList({ file, text }: { readonly file: string; readonly text: string }): ForeignSecrets {
  const secrets: ForeignSecret[] = [];
  const problems: PlacedProblem[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const place = { file, line: index + 1 };
    const reading = readKeyUri(line);
    if (reading.kind === 'key') {
      const { userName, secret } = reading;
      secrets.push({ place, userName, secret, leftBehind: NOTHING_LEFT_BEHIND });
    } else problems.push({ place, ...reading.problem });
  }
  return { origin: 'otpauth', secrets, problems };
}

type KeyUriReading =
  | { readonly kind: 'key'; readonly userName: string; readonly secret: Uint8Array }
  | { readonly kind: 'bad-uri'; readonly problem: Omit<PlacedProblem, 'place'> };

/** Longer ones are no key URIs. */
const URI_MOST_CHARACTERS = 4096;

function readKeyUri(uri: string): KeyUriReading {
  if (uri.length > URI_MOST_CHARACTERS) return bad({ text: 'it is too long for a key URI' });
  if (/^otpauth-migration:/i.test(uri)) {
    return bad({
      text: 'it holds several accounts as the app hands them on to another phone; write one otpauth:// URI a line',
    });
  }
  const [, type = '', label = '', query = ''] = /^otpauth:\/\/([^/?#]*)\/([^?#]*)(?:\?([^#]*))?$/i.exec(uri) ?? [];
  // Without its ? a secret would be part of the name, and names are shown.
  if (type === '' || /secret=/i.test(label))
    return bad({ text: 'it is not a key URI (otpauth://totp/Issuer:user?secret=...); a # in a name is written %23' });
  const named = userNameOf(label);
  if ('text' in named) return bad(named);
  const { userName } = named;
  const parameters = new URLSearchParams(query);
  const text = kindProblem(type, parameters);
  if (text !== undefined) return bad({ userName, text });
  const reading = readForeignSecret(parameters.get('secret') ?? '');
  if (reading.kind === 'bad-secret') return bad({ userName, text: reading.text });
  return { kind: 'key', userName, secret: reading.secret };
}

function bad(problem: Omit<PlacedProblem, 'place'>): KeyUriReading {
  return { kind: 'bad-uri', problem };
}

/** The label is `Issuer:user` or the user alone; the colon may be spelled %3A, and blanks may follow it. */
function userNameOf(label: string): { readonly userName: string } | { readonly text: string } {
  let decoded: string;
  try {
    decoded = decodeURIComponent(label);
  } catch {
    return { text: 'its label has a % that is no %XX of UTF-8' };
  }
  const parts = decoded.split(':');
  if (parts.length > 2) return { text: 'its label has several colons, so nobody can say where the user begins' };
  const userName = (parts.at(-1) ?? '').trim();
  return userName === '' ? { text: 'its label names no user' } : { userName };
}

/** What our own codes are (totp.ts), as a key URI may say it aloud; left out, it is the same. */
const DEFAULTS = [
  { name: 'algorithm', what: 'algorithm', right: 'SHA1', spelled: /^(hmac)?sha-?1$/i },
  { name: 'digits', what: 'number of digits', right: `${CODE_DIGITS}`, spelled: new RegExp(`^${CODE_DIGITS}$`) },
  { name: 'period', what: 'period', right: `${PERIOD_SECONDS}`, spelled: new RegExp(`^${PERIOD_SECONDS}$`) },
];

function kindProblem(type: string, parameters: URLSearchParams): string | undefined {
  if (/^hotp$/i.test(type))
    return `its codes count log-ons (HOTP), and only time-based ones are taken; leave it out and ${ANEW}`;
  if (!/^totp$/i.test(type)) return 'it is of another type than totp';
  for (const name of ['secret', 'algorithm', 'digits', 'period']) {
    if (parameters.getAll(name).length > 1) return `it has ${name} twice`;
  }
  if (!parameters.get('secret')) return 'it has no secret';
  for (const { name, what, right, spelled } of DEFAULTS) {
    const value = parameters.get(name);
    if (value !== null && !spelled.test(value)) {
      return `it has another ${what} than ${right}, and such codes are not taken; leave it out and ${ANEW}`;
    }
  }
  return undefined;
}
