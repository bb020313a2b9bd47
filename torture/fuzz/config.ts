/** config.ini out of anything: no fall, no value out of range, and an edit of what was taken changes one key and nothing else. */
import { isDeepStrictEqual } from 'node:util';
import { setInConfig } from '../../src/core/config/edit.ts';
import { labelProblem } from '../../src/core/config/label.ts';
import { type Parsed, parseConfig } from '../../src/core/config/parse.ts';
import { problemText } from '../../src/core/config/problem.ts';
import { readValue } from '../../src/core/config/read-value.ts';
import { ALL_SETTINGS, fullKeyOf, SECTIONS } from '../../src/core/config/settings.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const grammar = {
  examples: [
    '2FA=Auto:Codectomy St Elsewhere LIVE\n',
    '; ours\r\n2FA = Central:Ward ACCEPTANCE ; said so\r\n[Login]\r\nAttempts=3\r\nTimeoutSeconds = 60\r\n',
    '\ufeff2FA=Off\n\n[Lockout]\nPasswordFailures=5\nHardLimit=100\nFirstDelaySeconds=30\nLongestDelaySeconds=900\n',
    '2FA="Auto:a \\; b"\n[Store]\nEngine=sqlite\nPath=data/x.db\n[Terminal]\nQR=blocks\nColour=never\nQrSeconds=120\n',
    '[Password]\nMinLength=8\nMinLengthWithout2FA=15\nArgon2MemoryMiB=64\n[Server]\nSocket=/run/x\n',
  ],
  words: [
    ...ALL_SETTINGS.map(({ key }) => `${key}=`),
    ...SECTIONS.map((name) => `[${name}]`),
    ...['Auto:', 'Central:', 'Off', 'SMS:', 'Radius:', '[', ']', '=', ';', '#', '[]', 'Attempts[]=1', '2FA', ':'],
  ],
};
const CHANGE = { key: 'Login.Attempts', value: '7' };
const source = (text: string) => ({ text, file: 'config.ini', folder: '/srv' });

export const configFuzz = parserTorment({
  name: 'config-fuzz',
  about: 'config.ini out of anything: refused with a sentence, or every value in range; an edit changes one key alone',
  open: () => ({
    input: (random) => nonsense(random, grammar),
    judge(text, random) {
      const parsed = parseConfig(source(text));
      if (parsed.kind === 'problems') {
        const bad = parsed.problems.map(problemText).find((sentence) => /[\x00-\x1f\x7f-\x9f]/.test(sentence));
        if (parsed.problems.length === 0 || bad !== undefined) throw new Error(`refused with ${bad ?? 'nothing'}`);
        return 'refused';
      }
      refuseOutOfRange(parsed);
      if (random.chance(0.2)) refuseOtherChange(text, parsed);
      return 'taken';
    },
  }),
});

type Taken = Parsed & { readonly kind: 'config' };

function refuseOutOfRange({ config, written }: Taken): void {
  for (const setting of ALL_SETTINGS) {
    const value = written.get(fullKeyOf(setting));
    if (value !== undefined && !readValue(setting, value.text).ok)
      throw new Error(`${fullKeyOf(setting)} is out of range`);
  }
  const { mode } = config;
  if (mode !== undefined && mode.kind !== 'off' && labelProblem(mode.label)) throw new Error('a label that is none');
}

function refuseOtherChange(text: string, before: Taken): void {
  const edited = setInConfig(source(text), CHANGE);
  if (edited.kind === 'problems') return;
  const { attempts } = edited.parsed.config.login;
  const { config } = before;
  const wanted = { ...config, login: { ...config.login, attempts: 7 } };
  if (attempts !== 7 || !isDeepStrictEqual(edited.parsed.config, wanted))
    throw new Error('an edit changed something else');
}
