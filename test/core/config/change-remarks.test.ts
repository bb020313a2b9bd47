import { describe, expect, it } from 'vitest';
import { changeRemarks, needsRestart } from '../../../src/core/config/change-remarks.ts';
import type { Config } from '../../../src/core/config/model.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';

function config(text: string): Config {
  const parsed = parseConfig({ text, file: 'config.ini', folder: '/' });
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

const AUTO = config('2FA=Auto:Ward LIVE\n');

describe('what a change means', () => {
  it.each([
    ['2FA=Off\n', 'danger', /SWITCHES TWO-FACTOR OFF/],
    ['', 'danger', /NOBODY WITH TWO-FACTOR ON IS LET IN/],
    ['2FA=Central:Ward LIVE\n', 'note', /until an administrator hands out/],
    ['2FA=Auto:Ward TEST\n', 'note', /new QR codes alone/],
    ['2FA=Auto:Ward\n', 'warning', /system type/],
  ] as const)('from Auto to %j: a %s', (text, level, words) => {
    expect(changeRemarks('2FA', AUTO, config(text))).toContainEqual({ level, text: expect.stringMatching(words) });
  });

  it('says that codes are asked again where two-factor is switched on', () => {
    expect(changeRemarks('2FA', config('2FA=Off\n'), AUTO)[0]?.text).toMatch(/asked for a code/);
  });

  it.each(['Store.Path', 'Store.KeyFile', 'Audit.Path', 'Server.Socket', 'Password.Argon2Passes'])(
    'says that %s takes a new start',
    (key) => {
      expect(needsRestart(key)).toBe(true);
      expect(changeRemarks(key, AUTO, AUTO).at(-1)?.text).toMatch(/started again/);
    },
  );

  it('tells an engine for the same file from one to which nobody is moved', () => {
    const engine = (name: string) => config(`[Store]\nEngine=${name}\nUrl=postgres://gatehouse@db/gatehouse\n`);
    const remarks = (from: string, to: string) => changeRemarks('Store.Engine', engine(from), engine(to));
    expect(remarks('sqljs', 'sqlite')[0]).toMatchObject({
      level: 'warning',
      text: expect.stringContaining('same file'),
    });
    for (const [from, to] of [
      ['sqlite', 'postgres'],
      ['postgres', 'sqljs'],
    ] as const) {
      const text = expect.stringContaining(`gatehouse store migrate --to ${to}`);
      expect(remarks(from, to)[0]).toMatchObject({ level: 'danger', text });
    }
  });

  it('warns of a store that is not moved, and of a wide window of codes', () => {
    expect(changeRemarks('Store.Path', AUTO, AUTO)[0]?.level).toBe('danger');
    const wide = config('2FA=Auto:Ward LIVE\n[Login]\nCodeWindow=4\n');
    expect(changeRemarks('Login.CodeWindow', AUTO, wide)[0]?.level).toBe('warning');
    expect(changeRemarks('Login.CodeWindow', AUTO, AUTO)).toEqual([]);
  });
});
