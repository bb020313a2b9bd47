import { describe, expect, it } from 'vitest';
import { changeConfig } from '../../../src/core/config/edit-many.ts';

const SOURCE = { file: 'config.ini', folder: '/etc/gatehouse' };

function changed(text: string, changes: Parameters<typeof changeConfig>[1]) {
  return changeConfig({ ...SOURCE, text }, changes);
}

describe('several settings changed at once', () => {
  it('looks at the outcome as a whole: a longest delay and a first one above the old longest', () => {
    const text = '2FA=Auto:Ward LIVE\n[Lockout]\nLongestDelaySeconds=60 ; patience\n';
    const edited = changed(text, [
      { key: 'Lockout.FirstDelaySeconds', value: '120' },
      { key: 'Lockout.LongestDelaySeconds', value: '600' },
    ]);
    expect(edited).toMatchObject({ kind: 'edited', parsed: { config: { lockout: { firstDelaySeconds: 120 } } } });
    expect(edited.kind === 'edited' ? edited.text : '').toContain('LongestDelaySeconds=600 ; patience');
  });

  it('keeps byte order mark, line ends, comments and order', () => {
    const text = '\ufeff; mine\r\n2FA=Auto:Ward LIVE\r\n\r\n[Login]\r\n; why\r\nAttempts=4\r\n';
    const edited = changed(text, [
      { key: 'Login.Attempts', value: '5' },
      { key: '2FA', value: 'Off' },
    ]);
    expect(edited).toMatchObject({ text: '\ufeff; mine\r\n2FA=Off\r\n\r\n[Login]\r\n; why\r\nAttempts=5\r\n' });
  });

  it('takes a key out where the default is wished for', () => {
    const text = '2FA=Off\n[Login]\nAttempts=4\nTimeoutSeconds=60\n';
    expect(changed(text, [{ key: 'Login.Attempts', value: null }])).toMatchObject({
      text: '2FA=Off\n[Login]\nTimeoutSeconds=60\n',
    });
  });

  it.each([
    [[{ key: 'Login.Attempts', value: '99' }], 'Login.Attempts', /too high/],
    [[{ key: '2FA', value: 'SMS:x' }], '2FA', /no longer supported/],
    [[{ key: '2FA', value: 'Auto:a\nOff' }], '2FA', /control/],
    [[{ key: 'Login.Atempts', value: null }], 'Login.Atempts', /no setting/],
    [[{ key: '__proto__', value: 'x' }], '__proto__', /no setting/],
    [[{ key: 'Lockout.FirstDelaySeconds', value: '1000' }], 'Lockout.FirstDelaySeconds', /longer than the longest/],
  ] as const)('refuses %j as a whole', (changes, key, wrong) => {
    const edited = changed('2FA=Auto:Ward LIVE\n', [{ key: 'Login.TimeoutSeconds', value: '60' }, ...changes]);
    expect(edited.kind).toBe('problems');
    const [problem] = edited.kind === 'problems' ? edited.problems : [];
    expect(problem).toMatchObject({ key, line: null });
    expect(problem?.wrong).toMatch(wrong);
  });

  it('says what was wrong in the file before, by its own lines', () => {
    const edited = changed('2FA=Auto:Ward LIVE\n[Login]\nAttempts=x\n', [{ key: '2FA', value: 'Off' }]);
    expect(edited).toMatchObject({ kind: 'problems', problems: [{ line: 3, key: 'Login.Attempts' }] });
  });
});
