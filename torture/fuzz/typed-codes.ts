/** What people and programs type where a code is asked: only the right code, with spaces at most, is the right code (C4). */
import { classifyCode } from '../../src/core/recovery-code.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt, matchingTimeStep } from '../../src/core/totp.ts';
import { seededRandom } from '../random.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const secret = seededRandom(20_261_124).bytes(20);
const epochMs = Date.UTC(2026, 10, 24, 12);
const present = timeStepAt(epochMs);
const steps = [present - 1, present, present + 1];
const right = new Map(steps.map((step) => [codeAt(secret, step), step]));
const [code = ''] = right.keys();
const wide = [...code].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('');

const grammar = {
  examples: [
    ...right.keys(),
    `${code.slice(0, 3)} ${code.slice(3)}`,
    ` ${code} `,
    wide,
    `+${code}`,
    `-${code}`,
    `${code}\0`,
    `0${code}`,
    'ABCDE-FGH1J',
  ],
  words: [' ', '\u00a0', '\u3000', '0', '+', '-', '.', '٣', '\u0660', 'e0', '0x'],
};

export const typedCodeFuzz = parserTorment({
  name: 'typed-code-fuzz',
  about:
    'variants of right codes: spaces, other digits, signs, NUL, more and fewer: none is taken that is not the six digits',
  goals: { short: 1000, long: 1_000_000 },
  open: () => ({
    input: (random) => nonsense(random, grammar),
    judge(typed) {
      const kind = classifyCode(typed).kind;
      const matched = matchingTimeStep({ secret, code: typed, epochMs, window: 1 });
      const plain = typed.length <= 64 ? right.get(typed.replaceAll(' ', '')) : undefined;
      if ((matched ?? undefined) !== plain) throw new Error(`matched step ${matched}, it is that of ${plain}`);
      return matched === null ? `no match: ${kind}` : 'matched: the six digits themselves';
    },
  }),
});
