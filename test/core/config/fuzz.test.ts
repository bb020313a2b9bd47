/** C33: whatever the text, parsing never throws, and what it lets through is in range and is what `ini` reads there. */

import { parse as iniParse } from 'ini';
import { describe, expect, it } from 'vitest';
import { setInConfig } from '../../../src/core/config/edit.ts';
import { labelProblem } from '../../../src/core/config/label.ts';
import { encodedValue } from '../../../src/core/config/line.ts';
import { type Parsed, parseConfig } from '../../../src/core/config/parse.ts';
import { problemText } from '../../../src/core/config/problem.ts';
import { readValue } from '../../../src/core/config/read-value.ts';
import { ALL_SETTINGS, fullKeyOf, SECTIONS } from '../../../src/core/config/settings.ts';
import { visibleProblem } from '../../../src/core/visible-text.ts';
import fc from '../../support/properties.ts';

const source = (text: string) => ({ text, file: 'config.ini', folder: '/srv' });

const keys = ALL_SETTINGS.map((setting) => setting.key);
const near = fc.constantFrom(...keys, '2fa', '__proto__', 'constructor', 'Attempts[]', '"2FA"', ' Engine ', '');
const value = fc.oneof(
  fc.constantFrom(
    'Auto:x LIVE',
    'Off',
    'SMS:x',
    '3',
    '0',
    '-1',
    '99999',
    '1e3',
    'sqljs',
    'postgres',
    "'5'",
    '"a;b"',
    'data/x',
  ),
  fc.integer({ min: -5, max: 5000 }).map(String),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(near, fc.constantFrom('=', ' = ', ''), value).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: fc.constantFrom(...SECTIONS, 'Nope', '__proto__').map((name) => `[${name}]`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => `; ${text}`) },
);
const document = fc
  .tuple(fc.constantFrom('', '\ufeff'), fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([mark, lines, end]) => mark + lines.join(end));
const anyText = fc.oneof(document, fc.string({ unit: 'binary', maxLength: 400 }));

/** Every number of a configuration with its range, read from the settings. */
function outOfRange(parsed: Parsed & { kind: 'config' }): readonly string[] {
  return ALL_SETTINGS.filter((setting) => {
    const written = parsed.written.get(fullKeyOf(setting));
    return written !== undefined && !readValue(setting, written.text).ok;
  }).map(fullKeyOf);
}

describe('config.ini out of anything', () => {
  it('never throws and never lets a value out of range through', () => {
    const counted = { tried: 0, taken: 0, refused: 0 };
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseConfig(source(text));
        counted.tried += 1;
        if (parsed.kind === 'problems') {
          counted.refused += 1;
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const problem of parsed.problems) expect(problemText(problem)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          return;
        }
        counted.taken += 1;
        expect(outOfRange(parsed)).toEqual([]);
        const { config } = parsed;
        expect(config.login.attempts).toBeLessThanOrEqual(10);
        expect(config.lockout.hardLimit).toBeLessThanOrEqual(100);
        expect(config.password.minLength).toBeGreaterThanOrEqual(8);
        if (config.mode !== undefined && config.mode.kind !== 'off') {
          expect(labelProblem(config.mode.label)).toBeUndefined();
        }
      }),
      { numRuns: 8_000 },
    );
    console.log(`config.ini fuzz: ${JSON.stringify(counted)}`);
    expect(counted.taken).toBeGreaterThan(100);
    expect(counted.refused).toBeGreaterThan(100);
  });

  it('reads in every file it takes what ini reads there, key by key, and no key less', () => {
    fc.assert(
      fc.property(document, (text) => {
        const parsed = parseConfig(source(text));
        if (parsed.kind === 'problems') return;
        const ini = iniParse(text.replace(/^\ufeff/, ''));
        const seen = new Map<string, string>();
        for (const [name, held] of Object.entries(ini)) {
          if (typeof held !== 'object' || held === null) seen.set(name, String(held));
          else for (const [key, inner] of Object.entries(held)) seen.set(`${name}.${key}`, String(inner));
        }
        expect(new Map([...parsed.written].map(([key, written]) => [key, written.text]))).toEqual(seen);
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads back every value as it was encoded', () => {
    const printable = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .filter((text) => !visibleProblem(text) && !/^["'\s]|\s$/.test(text));
    fc.assert(
      fc.property(printable, (text) => {
        expect(iniParse(`k=${encodedValue(text)}  ; a comment`).k).toBe(
          ['true', 'false', 'null'].includes(text) ? JSON.parse(text) : text,
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps any file whole where an edit of it is refused, and right where it is not', () => {
    const change = fc.record({ key: fc.constantFrom(...ALL_SETTINGS.map(fullKeyOf), 'Nope', '__proto__'), value });
    fc.assert(
      fc.property(anyText, change, (text, { key, value: set }) => {
        const edited = setInConfig(source(text), { key, value: set });
        if (edited.kind === 'problems') return;
        const again = parseConfig(source(edited.text));
        expect(again.kind === 'config' && again.written.get(key)?.text).toBe(set.trim());
      }),
      { numRuns: 5_000 },
    );
  });
});
