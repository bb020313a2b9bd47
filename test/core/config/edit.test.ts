import { parse as iniParse } from 'ini';
import { describe, expect, it } from 'vitest';
import { removeFromConfig, setInConfig } from '../../../src/core/config/edit.ts';
import { exampleConfig } from '../../../src/core/config/example.ts';
import { labelProblem } from '../../../src/core/config/label.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import { problemText } from '../../../src/core/config/problem.ts';
import fc from '../../support/properties.ts';

const source = (text: string) => ({ text, file: 'config.ini', folder: '/srv/gate' });

function set(text: string, key: string, value: string): string {
  const edited = setInConfig(source(text), { key, value });
  if (edited.kind === 'problems') throw new Error(edited.problems.map(problemText).join('\n'));
  return edited.text;
}

function refusals(text: string, key: string, value: string): readonly string[] {
  const edited = setInConfig(source(text), { key, value });
  return edited.kind === 'problems' ? edited.problems.map(problemText) : [];
}

describe('setting a key', () => {
  it('changes the value alone: comments, order, spacing and line ends stay', () => {
    const text =
      '\ufeff; St Elsewhere\r\n2FA = Auto:Old LIVE   ; the label\r\n\r\n[Terminal]\r\n  QR\t=auto\t# drawn\r\n[Login]\r\nAttempts=3';
    expect(set(text, '2FA', 'Central:New LIVE')).toBe(text.replace('Auto:Old LIVE', 'Central:New LIVE'));
    expect(set(text, 'Terminal.QR', 'key')).toBe(text.replace('=auto', '=key'));
    expect(set(text, 'Login.Attempts', '5')).toBe(text.replace('Attempts=3', 'Attempts=5'));
  });

  it('writes the very same bytes where the value is the same', () => {
    const text = exampleConfig();
    expect(set(text, '2FA', 'Auto:Codectomy St Elsewhere LIVE')).toBe(text);
  });

  it('takes the place of a quoted value with its quotes', () => {
    expect(set('[Store]\nPath = "my data/x.db"\n', 'Store.Path', 'y.db')).toBe('[Store]\nPath = y.db\n');
  });

  it('puts a value before a comment that stands where none was', () => {
    expect(set('[Server]\nSocket=;none yet\n', 'Server.Socket', '/run/g.sock')).toBe(
      '[Server]\nSocket=/run/g.sock ;none yet\n',
    );
    expect(set('[Server]\nSocket= ; none yet\n', 'Server.Socket', '/run/g.sock')).toBe(
      '[Server]\nSocket= /run/g.sock ; none yet\n',
    );
  });

  it('puts a missing key below its commented-out default, else below the last of its section, else below the heading', () => {
    expect(set('[Login]\n;Attempts=3\n; time\n;TimeoutSeconds=120\n', 'Login.Attempts', '4')).toBe(
      '[Login]\n;Attempts=3\nAttempts=4\n; time\n;TimeoutSeconds=120\n',
    );
    expect(set('[Login]\nCodeWindow=0\n\n; next\n[Store]\n', 'Login.Attempts', '4')).toBe(
      '[Login]\nCodeWindow=0\nAttempts=4\n\n; next\n[Store]\n',
    );
    expect(set('[Login]\n\n[Store]\n', 'Login.Attempts', '4')).toBe('[Login]\nAttempts=4\n\n[Store]\n');
  });

  it('does not take a commented-out key of another section for its own', () => {
    expect(set('[Store]\n;Path=a\n[Audit]\n', 'Audit.Path', 'b')).toBe('[Store]\n;Path=a\n[Audit]\nPath=b\n');
  });

  it('adds a missing section at the end, with the line ends of the file', () => {
    expect(set('2FA=Off', 'Login.Attempts', '4')).toBe('2FA=Off\n\n[Login]\nAttempts=4\n');
    expect(set('2FA=Off\r\n', 'Login.Attempts', '4')).toBe('2FA=Off\r\n\r\n[Login]\r\nAttempts=4\r\n');
    expect(set('', 'Login.Attempts', '4')).toBe('[Login]\nAttempts=4\n');
  });

  it('puts a missing 2FA above the first section and its comments, where ini reads it', () => {
    const text = set('; St Elsewhere\n\n; how often\n[Login]\nAttempts=4\n', '2FA', 'Off');
    expect(text).toBe('; St Elsewhere\n\n2FA=Off\n\n; how often\n[Login]\nAttempts=4\n');
    expect(iniParse(text)['2FA']).toBe('Off');
    expect(set('; nothing yet\n', '2FA', 'Off')).toBe('; nothing yet\n2FA=Off\n');
  });

  it('reads back every label that may stand, whatever characters it has', () => {
    const label = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 64 })
      .filter((text) => labelProblem(text) === undefined);
    const awkward = fc.string({ unit: fc.constantFrom(...';#"=\\\'[]%& $aB'), minLength: 1, maxLength: 40 });
    const text = exampleConfig();
    fc.assert(
      fc.property(fc.oneof(label, awkward), (any) => {
        fc.pre(any.trim() !== '');
        const edited = set(text, '2FA', `Auto:${any}`);
        const parsed = parseConfig(source(edited));
        expect(parsed.kind === 'config' && parsed.config.mode).toEqual({ kind: 'auto', label: any.trim() });
        expect(iniParse(edited)['2FA']).toBe(`Auto:${any}`.trim());
        expect(set(edited, '2FA', 'Auto:Codectomy St Elsewhere LIVE')).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['2FA', 'SMS:x', 'config.ini:1: 2FA: SMS codes are no longer supported; use Auto: or Central:'],
    ['2FA', 'Auto:a\n2FA=Off', 'the label has a control, direction or zero-width character in it'],
    ['2FA', 'Auto:a:b', 'the label has a colon'],
    ['2FA', 'Off\n[Login]\nAttempts=9', 'there is no provider'],
    ['Login.Attempts', '3\nCodeWindow=9', 'a control, direction or zero-width character is in it'],
    ['Login.Attempts', '99', 'config.ini: Login.Attempts: "99" is too high; write a number from 1 to 10'],
    ['Store.Path', '"x"', 'it begins with a quotation mark'],
    ['Store.Path', `x${'y'.repeat(3000)}`, '3001 characters are too many'],
    ['Login.Atempts', '3', 'there is no setting Login.Atempts; did you mean Login.Attempts?'],
    ['Attempts', '3', 'did you mean Login.Attempts?'],
    ['__proto__', '3', 'there is no setting __proto__'],
    ['Login.\u001b[31m', '3', 'config.ini: Login.<U+001B>[31m: there is no setting Login.<U+001B>[31m'],
    ['Login.__proto__', '3', 'there is no setting Login.__proto__'],
    ['Lockout.HardLimit', '3', 'PasswordFailures (5) is above HardLimit (3)'],
  ])('refuses %s = %j', (key, value, sentence) => {
    const all = refusals('2FA=Off\n', key, value);
    expect(all[0]).toContain(sentence);
  });

  it('mends the one wrong value of a file', () => {
    expect(set('2FA=SMS:x\n', '2FA', 'Auto:x LIVE')).toBe('2FA=Auto:x LIVE\n');
  });

  it('refuses a file that stays wrong, and counts lines as they are in the file', () => {
    expect(refusals('; head\n[Login]\nFoo=1\n', '2FA', 'Off')).toEqual([
      'config.ini:3: Login.Foo: there is no such key here; the keys of [Login] are Attempts, TimeoutSeconds, CodeWindow, AutoPairingWithinDays',
    ]);
    expect(refusals('2FA=Off\n2FA=Off\n', '2FA', 'Auto:x')[0]).toContain(
      'config.ini:2: 2FA: it is set on line 1 already',
    );
    expect(refusals('[Password]\nMinLength=20\n', '2FA', 'Off')[0]).toContain('config.ini:2: Password.MinLength:');
  });
});

describe('taking a key out', () => {
  it('leaves the rest as it is, and the default holds again', () => {
    const text = '; head\n[Login]\n; how often\nAttempts=4 ; four\nCodeWindow=0\n';
    const edited = removeFromConfig(source(text), 'Login.Attempts');
    expect(edited.kind === 'edited' && edited.text).toBe('; head\n[Login]\n; how often\nCodeWindow=0\n');
    expect(edited.kind === 'edited' && edited.parsed.config.login.attempts).toBe(3);
  });

  it('changes nothing where the key is not there', () => {
    const edited = removeFromConfig(source('2FA=Off'), 'Login.Attempts');
    expect(edited.kind === 'edited' && edited.text).toBe('2FA=Off');
  });

  it('is refused where the rest would not go together', () => {
    const edited = removeFromConfig(source('[Store]\nEngine=postgres\nUrl=postgres://h/d\n'), 'Store.Url');
    expect(edited.kind === 'problems' && edited.problems.map(problemText)[0]).toContain(
      'Engine=postgres needs to know',
    );
    expect(removeFromConfig(source(''), 'Store.Uri').kind).toBe('problems');
  });
});
