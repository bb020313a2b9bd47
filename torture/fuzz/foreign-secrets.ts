/** Files of other two-factor systems out of anything: taken or refused by line, and never a secret in what is said about them. */
import { readGoogleAuthenticatorFile } from '../../src/core/import/google-authenticator-file.ts';
import { readOtpauthList } from '../../src/core/import/otpauth-list.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const uris = [
  `otpauth://totp/Ward%20LIVE:alice?secret=${SECRET}&issuer=Ward%20LIVE`,
  `otpauth://totp/bob?secret=${SECRET}&algorithm=SHA1&digits=6&period=30`,
  `otpauth://hotp/x:carol?secret=${SECRET}&counter=1`,
];
const words = [
  'otpauth://totp/',
  'secret=',
  '&issuer=',
  '%20',
  '%zz',
  '%3A',
  ':',
  '?',
  '&',
  '#',
  SECRET,
  'digits=8',
  '" TOTP_AUTH',
  '" WINDOW_SIZE 17',
];

export const otpauthFuzz = parserTorment({
  name: 'key-uri-fuzz',
  about: 'lists of key URIs out of anything: taken or refused by line, no secret in what is said',
  open: () => ({
    input: (random) => nonsense(random, { examples: [...uris, uris.join('\n')], words }),
    judge(text) {
      const { secrets, problems } = readOtpauthList({ file: 'list', text });
      refuseTelling(problems.map((problem) => problem.text));
      for (const { secret, userName } of secrets) {
        if (secret.length < 10 || userName.length > 4096) throw new Error('a secret or a name that is none');
      }
      return problems.length > 0 ? 'refused' : `taken: ${Math.min(secrets.length, 3)} or more`;
    },
  }),
});

const file = `${SECRET}\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 17\n" DISALLOW_REUSE\n" TOTP_AUTH\n12345678\n87654321\n`;

export const googleAuthenticatorFuzz = parserTorment({
  name: 'google-authenticator-fuzz',
  about:
    '.google_authenticator files out of anything: taken or refused by line, no secret and no scratch code in what is said',
  open: () => ({
    input: (random) => nonsense(random, { examples: [file], words }),
    judge(text) {
      const reading = readGoogleAuthenticatorFile(text);
      if (reading.kind === 'read') return 'taken';
      refuseTelling(reading.problems.map((problem) => problem.text));
      return 'refused';
    },
  }),
});

function refuseTelling(sentences: readonly string[]): void {
  const telling = sentences.find((sentence) => sentence.includes(SECRET.slice(0, 12)) || /\b\d{8}\b/.test(sentence));
  if (telling !== undefined) throw new Error(`it says ${telling}`);
}
