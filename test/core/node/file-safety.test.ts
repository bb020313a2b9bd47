import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { openGuarded, readGuarded } from '../../../src/core/node/file-safety.ts';

it('reads a file of this account with mode 0600 in a folder with mode 0700', () => {
  const { file } = folderWithKey();
  expect(readGuarded(file).toString()).toBe('secret');
  chmodSync(file.path, 0o400);
  expect(readGuarded(file).toString()).toBe('secret');
});

it.each([0o644, 0o640, 0o604, 0o660, 0o622, 0o611])('refuses mode %o with the command that mends it', (mode) => {
  const { file } = folderWithKey();
  chmodSync(file.path, mode);
  expect(refusal(() => readGuarded(file))).toMatchObject({ code: 'file-refused', hint: `chmod 600 ${file.path}` });
  execFileSync('chmod', ['600', file.path]);
  expect(readGuarded(file).toString()).toBe('secret');
});

it.each([0o755, 0o750, 0o701, 0o770, 0o1777])('refuses a folder of mode %o with the command that mends it', (mode) => {
  const { file, folder } = folderWithKey();
  chmodSync(folder, mode);
  expect(refusal(() => readGuarded(file))).toMatchObject({ code: 'file-refused', hint: `chmod 700 ${folder}` });
});

it('follows no symbolic link, to a good file, to nowhere or as the folder', () => {
  const { file, folder } = folderWithKey();
  const link = { path: join(folder, 'link'), what: 'key file' };
  symlinkSync(file.path, link.path);
  const refused = { code: 'file-refused', message: expect.stringContaining('symbolic link') };
  expect(refusal(() => readGuarded(link))).toMatchObject(refused);
  const nowhere = { path: join(folder, 'nowhere'), what: 'key file' };
  symlinkSync(join(folder, 'not-there-yet'), nowhere.path);
  expect(refusal(() => openGuarded(nowhere, constants.O_RDWR | constants.O_CREAT))).toMatchObject(refused);
  const linkedFolder = `${folder}-link`;
  symlinkSync(folder, linkedFolder);
  onTestFinished(() => rmSync(linkedFolder));
  expect(refusal(() => readGuarded({ path: join(linkedFolder, 'key'), what: 'key file' }))).toMatchObject(refused);
});

it('refuses a FIFO without waiting for its other end, a folder and a socket-like thing', () => {
  const { folder } = folderWithKey();
  const fifo = { path: join(folder, 'fifo'), what: 'database' };
  execFileSync('mkfifo', ['-m', '600', fifo.path]);
  const refused = { code: 'file-refused', message: expect.stringContaining('not a regular file') };
  expect(refusal(() => readGuarded(fifo))).toMatchObject(refused);
  expect(refusal(() => openGuarded(fifo, constants.O_WRONLY))).toMatchObject(refused);
  mkdirSync(join(folder, 'inner'), { mode: 0o700 });
  expect(refusal(() => readGuarded({ path: join(folder, 'inner'), what: 'database' }))).toMatchObject(refused);
});

it.runIf(process.geteuid?.() === 0)('refuses a file or a folder of another account', () => {
  const { file, folder } = folderWithKey();
  chownSync(file.path, 12345, 12345);
  // Nobody else can be using a file in a folder of ours, nor a folder in which the file is ours.
  expect(refusal(() => readGuarded(file))).toMatchObject({ code: 'file-refused', hint: `chown root ${file.path}` });
  chownSync(file.path, 0, 0);
  chownSync(folder, 12345, 12345);
  expect(refusal(() => readGuarded(file))).toMatchObject({ code: 'file-refused', hint: `chown root ${folder}` });
});

it.runIf(process.geteuid?.() === 0)(
  'never says how to take the files away from another account that may be using them',
  () => {
    const { file, folder } = folderWithKey();
    chownSync(file.path, 12345, 12345);
    chownSync(folder, 12345, 12345);
    const hint = "Run Gatehouse as that account: sudo -u '#12345' gatehouse ...";
    expect(refusal(() => readGuarded(file))).toMatchObject({ code: 'file-refused', hint });
    const lock = { path: `${file.path}.lock`, what: 'lock file' };
    expect(refusal(() => openGuarded(lock, constants.O_RDWR | constants.O_CREAT))).toMatchObject({ hint });
  },
);

it('says that a file is missing, and makes one of mode 0600 when it is to be made, whatever the umask', () => {
  const { folder } = folderWithKey();
  const file = { path: join(folder, 'new'), what: 'lock file' };
  const missing = { code: 'unavailable', message: expect.stringContaining('there is no such file') };
  expect(refusal(() => readGuarded(file))).toMatchObject(missing);
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  openGuarded(file, constants.O_RDWR | constants.O_CREAT);
  expect(readGuarded(file).toString()).toBe('');
});

it('writes paths with quotes, spaces and escapes inert and as one word of the command', () => {
  const { folder } = folderWithKey();
  const path = join(folder, "it's\u001b[31m $(reboot)");
  writeFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o644);
  const fault = refusal(() => readGuarded({ path, what: 'key file' }));
  expect(fault.hint).toBe(`chmod 600 '${folder}/it'\\''s<U+001B>[31m $(reboot)'`);
  expect(`${fault.message}${fault.hint}`).not.toContain('\u001b');
});

it('minds the file it has opened, not a name: a second name of the same file is no way round the mode', () => {
  const { file, folder } = folderWithKey();
  linkSync(file.path, join(folder, 'second'));
  chmodSync(file.path, 0o644);
  expect(refusal(() => readGuarded({ path: join(folder, 'second'), what: 'key file' }))).toMatchObject({
    code: 'file-refused',
  });
});

function folderWithKey() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-safety-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'key');
  writeFileSync(path, 'secret', { mode: 0o600 });
  return { folder, file: { path, what: 'key file' } };
}

function refusal(work: () => unknown): Fault {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('was not refused');
}
