/**
 * Makes src/core/node/blocklist-words.ts from the list of common passwords in the npm package @zxcvbn-ts/language-common (MIT):
 *
 *   npm pack @zxcvbn-ts/language-common@4.1.3 && tar xzf zxcvbn-ts-language-common-4.1.3.tgz
 *   node tools/make-blocklist.ts package/src/passwords.json package/LICENSE.txt
 *
 * The source is in order of frequency. Kept are the commonest that are long enough to be typed, or to be the stem of a password
 * that is ("monkey" for "monkey2024"); those whose folded form stands there already add nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { foldPassword } from '../src/core/password-fold.ts';

/** More than guessing under a limit of 100 failures reaches; NIST SP 800-63B-4 §3.1.1.2 calls longer lists of little use. */
const WORDS = 10_000;
const SHORTEST = 5;
const LINE_WIDTH = 116;

const [source, licence] = process.argv.slice(2);
if (source === undefined || licence === undefined)
  throw new Error('usage: make-blocklist.ts passwords.json LICENSE.txt');
const ranked: unknown = JSON.parse(readFileSync(source, 'utf8'));
if (!Array.isArray(ranked)) throw new Error(`${source} is no list`);

const seen = new Set<string>();
const words: string[] = [];
for (const word of ranked) {
  if (typeof word !== 'string' || word.length < SHORTEST || !/^[\x21-\x7e]+$/.test(word) || /[`\\$]/.test(word))
    continue;
  const folded = foldPassword(word);
  if (seen.has(folded)) continue;
  seen.add(folded);
  words.push(word);
  if (words.length === WORDS) break;
}

const lines: string[] = [];
let line = '';
for (const word of words.toSorted()) {
  if (line.length + word.length + 1 > LINE_WIDTH) {
    lines.push(line);
    line = '';
  }
  line = line === '' ? word : `${line} ${word}`;
}
lines.push(line);

const notice = readFileSync(licence, 'utf8')
  .trim()
  .split('\n')
  .map((text) => ` * ${text}`.trimEnd())
  .join('\n');

writeFileSync(
  new URL('../src/core/node/blocklist-words.ts', import.meta.url),
  `/*!
 * The ${words.length} commonest passwords of ${SHORTEST} characters and more, made by tools/make-blocklist.ts; do not edit. Source: the list in
 * @zxcvbn-ts/language-common 4.1.3, under this licence:
 *
${notice}
 */
export const COMMON_PASSWORDS = \`
${lines.join('\n')}
\`;
`,
);
