import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config/parse.ts';
import {
  drafted,
  draftRows,
  drawnValue,
  fileDifferences,
  type OrderlyConfig,
  withoutWish,
  withWish,
} from '../../src/tui/config-draft.ts';

function orderly(text: string): OrderlyConfig {
  const source = { text, file: 'config.ini', folder: '/f' };
  const parsed = parseConfig(source);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return { source, parsed };
}

const FILE = orderly('2FA=Auto:Ward LIVE\n[Login]\nAttempts=4\n');

function rowOf(draft: ReadonlyMap<string, string | null>, key: string) {
  return draftRows(FILE, draft).find((row) => row.shown.key === key);
}

describe('a draft of config.ini', () => {
  it('shows what would be saved beside what the file says', () => {
    const draft = withWish(new Map(), FILE, { key: 'Login.Attempts', value: '6' });
    expect(rowOf(draft, 'Login.Attempts')).toMatchObject({ value: '6', changed: 'changed', shown: { value: '4' } });
    expect(rowOf(draft, 'Login.CodeWindow')).toMatchObject({ value: '1', from: 'default', changed: 'same' });
  });

  it('has no wish that says what the file says', () => {
    const draft = withWish(new Map(), FILE, { key: 'Login.Attempts', value: '6' });
    expect(withWish(draft, FILE, { key: 'Login.Attempts', value: '4' }).size).toBe(0);
    expect(withWish(draft, FILE, { key: 'Login.CodeWindow', value: null }).size).toBe(1);
    expect(withoutWish(draft, 'Login.Attempts').size).toBe(0);
  });

  it('shows the default where the key is to be taken out', () => {
    const draft = withWish(new Map(), FILE, { key: 'Login.Attempts', value: null });
    expect(rowOf(draft, 'Login.Attempts')).toMatchObject({ value: '3', from: 'default', changed: 'changed' });
  });

  it('is looked at as a whole', () => {
    const draft = new Map([['Lockout.FirstDelaySeconds', '1000']]);
    expect(drafted(FILE, draft)).toMatchObject({ kind: 'problems', texts: [expect.stringMatching(/longer than/)] });
    expect(drafted(FILE, new Map([...draft, ['Lockout.LongestDelaySeconds', '2000']]))).toMatchObject({
      kind: 'config',
    });
  });

  it('never shows the password of an address', () => {
    const draft = new Map([['Store.Url', 'postgres://gate:hunter2@db/x']]);
    const row = rowOf(draft, 'Store.Url');
    expect(row === undefined ? '' : drawnValue(row, row.value)).toBe('postgres://gate:***@db/x');
  });
});

describe('what somebody else changed', () => {
  it('is said setting by setting, without secrets', () => {
    const now = orderly('2FA=Off\n[Login]\nAttempts=4\n[Store]\nUrl=postgres://gate:hunter2@db/x\n');
    const said = fileDifferences(FILE, now);
    expect(said).toEqual([
      '2FA: was "Auto:Ward LIVE", is "Off" now.',
      'Store.Url: was empty, is "postgres://gate:***@db/x" now.',
    ]);
    expect(fileDifferences(FILE, orderly('; a remark\n2FA=Auto:Ward LIVE\n[Login]\nAttempts=4\n'))).toEqual([]);
  });
});
