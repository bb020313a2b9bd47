import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setInConfig } from '../../../src/core/config/edit.ts';
import { exampleConfig } from '../../../src/core/config/example.ts';
import { ALL_SETTINGS, fullKeyOf } from '../../../src/core/config/settings.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { createConfigFile, editConfigFile } from '../../../src/core/node/config-file-edit.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-edit-'));
  file = join(folder, 'config.ini');
});
afterEach(() => rmSync(folder, { recursive: true }));

const set = (key: string, value: string) => editConfigFile(file, (source) => setInConfig(source, { key, value }));
const asRoot = it.skipIf(process.geteuid?.() !== 0);

describe('changing config.ini', () => {
  it('writes the edit and nothing else, and leaves no temporary file', async () => {
    writeFileSync(file, '; mine\n2FA=Off ; for now\n');
    expect((await set('2FA', 'Auto:St Elsewhere LIVE')).kind).toBe('edited');
    expect(readFileSync(file, 'utf8')).toBe('; mine\n2FA=Auto:St Elsewhere LIVE ; for now\n');
    expect(readdirSync(folder)).toEqual(['config.ini']);
  });

  it('leaves the very file alone where the edit is refused or changes nothing', async () => {
    writeFileSync(file, '2FA=Auto:St Elsewhere LIVE\n');
    const before = statSync(file, { bigint: true });
    for (const [key, value] of [
      ['2FA', 'SMS:x'],
      ['2FA', 'Auto:a\nb'],
      ['Login.Attempts', '0'],
      ['Nope.Key', '1'],
      ['Lockout.HardLimit', '1'],
    ] as const) {
      expect((await set(key, value)).kind).toBe('problems');
    }
    expect((await set('2FA', 'Auto:St Elsewhere LIVE')).kind).toBe('edited');
    const after = statSync(file, { bigint: true });
    expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
  });

  it.each(['600', '640', '644'])('keeps mode %s whatever the umask', async (octal) => {
    const mode = Number.parseInt(octal, 8);
    writeFileSync(file, '2FA=Off\n');
    chmodSync(file, mode);
    await set('Login.Attempts', '4');
    expect(statSync(file).mode & 0o7777).toBe(mode);
  });

  asRoot('keeps the group, by which gates may read it', async () => {
    writeFileSync(file, '2FA=Off\n');
    chownSync(file, 0, 23456);
    await set('Login.Attempts', '4');
    expect(statSync(file)).toMatchObject({ uid: 0, gid: 23456 });
  });

  it('follows no symbolic link, neither of the file nor of the temporary one', async () => {
    writeFileSync(join(folder, 'real.ini'), '2FA=Off\n');
    symlinkSync('real.ini', file);
    await expect(set('Login.Attempts', '4')).rejects.toMatchObject({ code: 'file-refused' });
    rmSync(file);
    linkSync(join(folder, 'real.ini'), file);
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync('victim', join(folder, '.config.ini.new'));
    await set('Login.Attempts', '4');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readConfigFile(file).config.login.attempts).toBe(4);
    expect(readFileSync(join(folder, 'real.ini'), 'utf8')).toBe('2FA=Off\n');
  });

  it('refuses to write over what somebody else has written since it was read', async () => {
    writeFileSync(file, '2FA=Off\n');
    const edit = editConfigFile(file, (source) => {
      writeFileSync(file, '2FA=Central:St Elsewhere LIVE\n');
      return setInConfig(source, { key: 'Login.Attempts', value: '4' });
    });
    await expect(edit).rejects.toMatchObject({ code: 'busy' });
    expect(readFileSync(file, 'utf8')).toBe('2FA=Central:St Elsewhere LIVE\n');
  });

  it('writes nothing that could not be read again, whoever made the text', async () => {
    writeFileSync(file, '2FA=Off\n');
    const edit = editConfigFile(file, (source) => {
      const edited = setInConfig(source, { key: 'Login.Attempts', value: '4' });
      return edited.kind === 'edited' ? { ...edited, text: '2FA=SMS:x\n' } : edited;
    });
    await expect(edit).rejects.toMatchObject({ code: 'configuration' });
    expect(readFileSync(file, 'utf8')).toBe('2FA=Off\n');
  });

  it('loses none of the changes that processes make at once', async () => {
    writeFileSync(file, exampleConfig());
    const changes = ALL_SETTINGS.filter(
      ({ kind, key }) => kind === 'whole' && !/Failures|Delay|Min|Argon|Limit/.test(key),
    ).map((setting) => ({ key: fullKeyOf(setting), value: setting.fallbackText }));
    const script = join(folder, 'set.mjs');
    const edit = join(process.cwd(), 'src/core/config/edit.ts');
    const files = join(process.cwd(), 'src/core/node/config-file-edit.ts');
    writeFileSync(
      script,
      `import { setInConfig } from ${JSON.stringify(edit)};
       import { editConfigFile } from ${JSON.stringify(files)};
       process.send('ready');
       process.once('message', async (change) => {
         const edited = await editConfigFile(${JSON.stringify(file)}, (source) => setInConfig(source, change));
         process.exit(edited.kind === 'edited' ? 0 : 1);
       });`,
    );
    const children = changes.map(() => fork(script, { execArgv: [] }));
    await Promise.all(children.map((child) => once(child, 'message')));
    const ends = children.map((child) => once(child, 'exit'));
    children.forEach((child, index) => {
      child.send(changes[index] ?? {});
    });
    expect((await Promise.all(ends)).map(([status]) => status)).toEqual(changes.map(() => 0));
    const text = readFileSync(file, 'utf8');
    for (const { key, value } of changes) expect(text).toContain(`\n${key.split('.')[1]}=${value}\n`);
    expect(changes.length).toBeGreaterThan(4);
  });
});

describe('a first config.ini', () => {
  it('is written whole', async () => {
    await createConfigFile(file, exampleConfig({ kind: 'off' }));
    expect(readConfigFile(file).config.mode).toEqual({ kind: 'off' });
    expect(statSync(file).mode & 0o133).toBe(0);
    expect(readdirSync(folder)).toEqual(['config.ini']);
  });

  it('takes the place of nothing', async () => {
    writeFileSync(file, 'mine');
    await expect(createConfigFile(file, exampleConfig())).rejects.toMatchObject({ code: 'exists' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    rmSync(file);
    symlinkSync('/nowhere', file);
    await expect(createConfigFile(file, exampleConfig())).rejects.toMatchObject({ code: 'exists' });
    expect(readdirSync(folder)).toEqual(['config.ini']);
  });

  it('is never one that could not be read', async () => {
    await expect(createConfigFile(file, '2FA=SMS:x')).rejects.toMatchObject({ code: 'configuration' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
