import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setInConfig } from '../../../src/core/config/edit.ts';
import { exampleConfig, settingsMarkdown } from '../../../src/core/config/example.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import { readValue } from '../../../src/core/config/read-value.ts';
import { ALL_SETTINGS, findSetting, fullKeyOf, SETTINGS } from '../../../src/core/config/settings.ts';
import { concealed, shownSettings } from '../../../src/core/config/shown-value.ts';

describe('the table of settings', () => {
  it.each(Object.entries(SETTINGS))(
    '%s stands under its own name, with a sentence and a default that reads',
    (key, setting) => {
      expect(fullKeyOf(setting)).toBe(key);
      expect(findSetting(key)).toBe(setting);
      expect(setting.help).toMatch(/^.{10,119}\.$/);
      if (setting.kind !== 'mode')
        expect(readValue<unknown>(setting, setting.fallbackText)).toEqual({ ok: true, value: setting.fallback });
      expect(readValue<unknown>(setting, setting.example).ok).toBe(true);
    },
  );

  it('knows no key that is not in it', () => {
    for (const key of ['', 'toString', '__proto__', 'Login', 'Login.', 'login.attempts'])
      expect(findSetting(key)).toBeUndefined();
  });
});

describe('config.ini.example', () => {
  it('is made from the table', () => {
    expect(readFileSync('config.ini.example', 'utf8')).toBe(exampleConfig());
  });

  it('is a valid configuration that leaves every default but the mode', () => {
    const parsed = parseConfig({ text: exampleConfig(), file: 'config.ini.example', folder: '/srv' });
    const plain = parseConfig({ text: '2FA=Auto:Codectomy St Elsewhere LIVE', file: 'x', folder: '/srv' });
    expect(parsed.kind === 'config' && parsed.config).toEqual(plain.kind === 'config' && plain.config);
  });

  it('can be read on a screen of ASCII characters, 120 columns wide', () => {
    expect(
      exampleConfig()
        .split('\n')
        .filter((line) => line.length > 120 || !/^[\x20-\x7e]*$/.test(line)),
    ).toEqual([]);
  });

  it('takes every setting below its own commented-out line', () => {
    for (const setting of ALL_SETTINGS.filter((each) => each.section !== null)) {
      const value = setting.example;
      const edited = setInConfig(
        { text: exampleConfig(), file: 'x', folder: '/srv' },
        { key: fullKeyOf(setting), value },
      );
      expect(edited.kind === 'edited' && edited.text).toContain(
        `\n;${setting.key}=${value}\n${setting.key}=${value}\n`,
      );
    }
  });

  it('is made for every mode, whatever the label has in it', () => {
    for (const mode of [{ kind: 'off' }, { kind: 'central', label: 'A;B # "C" \\ LIVE' }] as const) {
      const parsed = parseConfig({ text: exampleConfig(mode), file: 'x', folder: '/srv' });
      expect(parsed.kind === 'config' && parsed.config.mode).toEqual(mode);
    }
  });
});

describe('the README table', () => {
  it('has a row of four cells for every setting', () => {
    const [, , ...rows] = settingsMarkdown().trimEnd().split('\n');
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(
      ALL_SETTINGS.map((setting) => `| \`${fullKeyOf(setting)}\``),
    );
    expect(rows.every((row) => row.split('|').length === 6)).toBe(true);
  });
});

describe('shown settings', () => {
  const parsed = parseConfig({
    text: '2FA=Off\n[Store]\nEngine=postgres\nUrl=postgres://gate:s3cret@db/gate?password=t0psecret&sslmode=require\n',
    file: 'x',
    folder: '/srv',
  });
  const shown = parsed.kind === 'config' ? shownSettings(parsed.written) : [];

  it('have the value as written, or the default, and say which', () => {
    expect(shown).toHaveLength(ALL_SETTINGS.length);
    expect(shown.find(({ key }) => key === '2FA')).toMatchObject({ value: 'Off', line: 1 });
    expect(shown.find(({ key }) => key === 'Store.Path')).toMatchObject({ value: 'data/gatehouse.db', line: null });
  });

  it('conceal the password of an address', () => {
    const url = shown.find(({ key }) => key === 'Store.Url');
    expect(url && concealed(url)).toBe('postgres://gate:***@db/gate?password=***&sslmode=require');
  });
});
