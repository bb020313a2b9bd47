import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfigFile, readConfigText } from '../../../src/core/node/config-file.ts';
import { saveConfig } from '../../../src/core/node/config-save.ts';
import { firstConfigPath } from '../../../src/core/node/config-search.ts';
import { followConfig } from '../../../src/core/node/live-config.ts';
import { ADMIN } from '../../support/temporary-facility.ts';

function configFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-live-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.ini');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('a configuration that changes under a process', () => {
  it('takes what holds at once, and leaves what adapters were opened by', () => {
    const file = configFile('2FA=Auto:Ward LIVE\n');
    const opened = readConfigFile(file).config;
    const live = followConfig(file, opened);
    writeFileSync(
      file,
      '2FA=Central:Ward TEST\n[Login]\nAttempts=7\n[Store]\nPath=other.db\n[Audit]\nPath=elsewhere\n',
    );
    live.poll();
    expect(live.now().mode).toEqual({ kind: 'central', label: 'Ward TEST' });
    expect(live.now().login.attempts).toBe(7);
    expect(live.now().store).toEqual(opened.store);
    expect(live.now().audit).toEqual(opened.audit);
  });

  it.each([
    ['a wrong value', '2FA=Of\n'],
    ['a file that others may write', undefined],
  ])('stays as it was by %s, and says why', (_, text) => {
    const file = configFile('2FA=Auto:Ward LIVE\n');
    const live = followConfig(file, readConfigFile(file).config);
    if (text === undefined) {
      writeFileSync(file, '2FA=Off\n');
      chmodSync(file, 0o666);
    } else writeFileSync(file, text);
    live.poll();
    expect(live.now().mode).toEqual({ kind: 'auto', label: 'Ward LIVE' });
    expect(live.trouble()).toMatch(/config\.ini/);
    writeFileSync(file, '2FA=Off\n# mended\n');
    chmodSync(file, 0o600);
    live.poll();
    expect(live.trouble()).toBeUndefined();
    expect(live.now().mode).toEqual({ kind: 'off' });
  });
});

describe('saving a form over config.ini', () => {
  it('does not write over what somebody else wrote meanwhile', async () => {
    const file = configFile('2FA=Auto:Ward LIVE\n');
    const seen = readConfigText(file);
    writeFileSync(file, '2FA=Auto:Ward LIVE\n[Login]\nAttempts=4\n');
    const saved = await saveConfig(file, { actor: ADMIN, seen, changes: [{ key: 'Login.Attempts', value: '9' }] });
    expect(saved).toMatchObject({ kind: 'changed-meanwhile', source: { text: expect.stringContaining('Attempts=4') } });
    expect(readFileSync(file, 'utf8')).toContain('Attempts=4');
  });

  it('writes all changes or none', async () => {
    const file = configFile('; mine\n2FA=Auto:Ward LIVE\n');
    const seen = readConfigText(file);
    const bad = await saveConfig(file, {
      actor: ADMIN,
      seen,
      changes: [
        { key: 'Login.Attempts', value: '5' },
        { key: 'Login.CodeWindow', value: '99' },
      ],
    });
    expect(bad.kind).toBe('problems');
    expect(readFileSync(file, 'utf8')).toBe('; mine\n2FA=Auto:Ward LIVE\n');
    const good = await saveConfig(file, { actor: ADMIN, seen, changes: [{ key: '2FA', value: 'Off' }] });
    expect(good).toMatchObject({ kind: 'saved', parsed: { config: { mode: { kind: 'off' } } } });
    expect(readFileSync(file, 'utf8')).toBe('; mine\n2FA=Off\n');
  });
});

describe('where a first start makes its config.ini', () => {
  it('is the folder one stands in, unless a place was named or one of the two is there', () => {
    const file = configFile('2FA=Off\n');
    const empty = mkdtempSync(join(tmpdir(), 'gatehouse-empty-'));
    onTestFinished(() => rmSync(empty, { recursive: true }));
    const search = { flag: undefined, environment: {}, folder: empty, hostConfig: join(empty, 'host.ini') };
    expect(firstConfigPath(search)).toBe(join(empty, 'config.ini'));
    expect(firstConfigPath({ ...search, flag: 'new.ini' })).toBe(join(empty, 'new.ini'));
    expect(firstConfigPath({ ...search, flag: file })).toBeUndefined();
    expect(firstConfigPath({ ...search, environment: { GATEHOUSE_CONFIG: file } })).toBeUndefined();
    expect(firstConfigPath({ ...search, hostConfig: file })).toBeUndefined();
  });
});
