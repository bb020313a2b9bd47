import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { readConfigFile, readConfigText } from '../../../src/core/node/config-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
  file = join(folder, 'config.ini');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string | Uint8Array, mode = 0o644): void {
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function refusal(path = file): Fault {
  try {
    readConfigFile(path);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('was taken');
}

describe('reading config.ini', () => {
  it('gives the configuration, its text and where relative paths count from', () => {
    write('\ufeff2FA=Auto:Zürich LIVE\r\n[Store]\r\nPath=x.db\r\n');
    const read = readConfigFile(file);
    expect(read.config.mode).toEqual({ kind: 'auto', label: 'Zürich LIVE' });
    expect(read.config.store.path).toBe(join(folder, 'x.db'));
    expect(read.source).toEqual({ text: '\ufeff2FA=Auto:Zürich LIVE\r\n[Store]\r\nPath=x.db\r\n', file, folder });
  });

  it('says where, what is wrong and what would be right', () => {
    write('2FA=SMS:x\n');
    expect(refusal()).toMatchObject({
      code: 'configuration',
      message: `${file}:1: 2FA: SMS codes are no longer supported; use Auto: or Central:`,
    });
    write('2FA=SMS:x\n[Login]\nAttempts=0\n');
    expect(
      refusal()
        .message.split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'config.ini has 2 problems:',
      `${file}:1: 2FA: SMS codes are no longer supported; use Auto: or Central:`,
      `${file}:3: Login.Attempts: "0" is too low; write a number from 1 to 10`,
    ]);
  });

  it('hands a wrong text over unparsed to whoever wants to show its problems', () => {
    write('2FA=SMS:x\n');
    expect(readConfigText(file).text).toBe('2FA=SMS:x\n');
  });

  it('points to `gatehouse init` where there is none', () => {
    expect(refusal()).toMatchObject({ code: 'configuration', message: `There is no ${file}.` });
    expect(refusal().hint).toContain('gatehouse init');
    expect(refusal(join(folder, 'none/config.ini')).code).toBe('configuration');
  });

  it.each(['666', '664', '646', '620', '602'])('refuses mode %s, with the command that mends it', (octal) => {
    write('2FA=Off\n', Number.parseInt(octal, 8));
    expect(refusal()).toMatchObject({ code: 'file-refused', hint: `chmod go-w ${file}` });
  });

  it.each(['644', '600', '640', '444'])('takes mode %s', (octal) => {
    write('2FA=Off\n', Number.parseInt(octal, 8));
    expect(readConfigFile(file).config.mode).toEqual({ kind: 'off' });
  });

  it('refuses a folder that everybody may write, but not a sticky one', () => {
    write('2FA=Off\n');
    chmodSync(folder, 0o777);
    expect(refusal()).toMatchObject({ code: 'file-refused', hint: `chmod o-w ${folder}` });
    chmodSync(folder, 0o1777);
    expect(readConfigFile(file).config.mode).toEqual({ kind: 'off' });
  });

  it('follows no symbolic link', () => {
    writeFileSync(join(folder, 'real.ini'), '2FA=Off\n');
    symlinkSync('real.ini', file);
    expect(refusal()).toMatchObject({ code: 'file-refused' });
    expect(refusal().message).toContain('symbolic link');
  });

  it('waits for no FIFO, and reads no folder and no device', () => {
    execFileSync('mkfifo', [file]);
    chmodSync(file, 0o600);
    expect(refusal().code).toBe('file-refused');
    rmSync(file);
    mkdirSync(file, 0o700);
    expect(refusal().code).toBe('file-refused');
    expect(refusal('/dev/null').code).toBe('file-refused');
  });

  it('refuses what is not UTF-8, with the line', () => {
    write(Buffer.concat([Buffer.from('; ok\n2FA=Auto:Z'), Buffer.from([0xfc]), Buffer.from('rich LIVE\n')]));
    expect(refusal().message).toBe(`${file}:2: this line is not UTF-8 text; save the file as UTF-8.`);
    write(Buffer.from('\ufeff2FA=Off\n', 'utf16le'));
    expect(refusal().code).toBe('configuration');
  });

  it('does not read a file of a gigabyte to say that it is none', () => {
    write('');
    execFileSync('truncate', ['-s', '1G', file]);
    expect(refusal().message).toContain('too long for a configuration');
  });

  it('makes control characters in a path visible in what it says', () => {
    expect(refusal(join(folder, 'a\u001b[31m.ini')).message).toContain('<U+001B>');
  });
});
