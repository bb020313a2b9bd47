import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { readGoogleAuthenticatorFolder } from '../../../src/core/node/google-authenticator-folder.ts';

const FILE = '.google_authenticator';
const isRoot = process.geteuid?.() === 0;

function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-homes-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder of homes, each with a file that says whose it is. */
function homesOf(...names: readonly string[]): string {
  const folder = emptyFolder();
  for (const name of names) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    writeFileSync(join(folder, name, FILE), `of ${name}`, { mode: 0o400 });
  }
  return folder;
}

/** `user: problem` of each file that was not read. */
function problemsOf(folder: string): readonly string[] {
  return readGoogleAuthenticatorFolder(folder).problems.map(({ userName, text }) => `${userName}: ${text}`);
}

function faultOf(folder: string): Fault {
  try {
    readGoogleAuthenticatorFolder(folder);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('it was read');
}

describe('a folder of google-authenticator files', () => {
  it('is read home by home, in the order of names, past homes without one and files beside them', () => {
    const folder = homesOf('bob', 'alice');
    mkdirSync(join(folder, 'carol'));
    writeFileSync(join(folder, 'aquota.user'), '');
    const { files, problems, warnings } = readGoogleAuthenticatorFolder(folder);
    expect(files).toEqual([
      { path: join(folder, 'alice', FILE), userName: 'alice', text: 'of alice' },
      { path: join(folder, 'bob', FILE), userName: 'bob', text: 'of bob' },
    ]);
    expect([problems, warnings]).toEqual([[], []]);
  });

  it('is read file by file where they have the names of users', () => {
    const folder = emptyFolder();
    for (const name of ['bob', 'alice', '.hidden']) writeFileSync(join(folder, name), `of ${name}`, { mode: 0o600 });
    mkdirSync(join(folder, 'lost+found'));
    expect(readGoogleAuthenticatorFolder(folder).files.map(({ userName, text }) => `${userName} ${text}`)).toEqual([
      'alice of alice',
      'bob of bob',
    ]);
  });

  it.each([
    ['does not exist', () => join(emptyFolder(), 'missing'), 'not-found'],
    ['is a file', () => join(homesOf('alice'), 'alice', FILE), 'not-found'],
    ['has none', () => emptyFolder(), 'bad-data'],
    ['is a home itself', () => join(homesOf('alice'), 'alice'), 'bad-data'],
    [
      'is a symbolic link',
      () => {
        const link = join(emptyFolder(), 'link');
        symlinkSync(homesOf('alice'), link);
        return `${link}/`;
      },
      'file-refused',
    ],
    [
      'is one that others may write into',
      () => {
        const folder = homesOf('alice');
        chmodSync(folder, 0o1777);
        return folder;
      },
      'file-refused',
    ],
  ])('that %s is refused as a whole', (_, make, code) => {
    expect(faultOf(make())).toMatchObject({ code });
  });

  it('follows no link, waits for no FIFO, reads nothing big, and goes on with the others', async () => {
    const folder = homesOf('alice', 'hard', 'huge', 'open', 'shared');
    const home = (name: string) => {
      mkdirSync(join(folder, name), { mode: 0o700 });
      return join(folder, name, FILE);
    };
    writeFileSync(join(folder, 'elsewhere'), 'not to be read');
    symlinkSync(join(folder, 'elsewhere'), home('linked'));
    symlinkSync('/dev/zero', home('device'));
    symlinkSync(join(folder, 'alice'), join(folder, 'moved'));
    execFileSync('mkfifo', [home('pipe')]);
    mkdirSync(home('folder'));
    linkSync(join(folder, 'hard', FILE), join(folder, 'second-name'));
    chmodSync(join(folder, 'huge', FILE), 0o600);
    writeFileSync(join(folder, 'huge', FILE), 'A'.repeat(65_537));
    chmodSync(join(folder, 'open', FILE), 0o620);
    chmodSync(join(folder, 'shared'), 0o770);
    const server = createServer().listen(home('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    const { files, problems } = readGoogleAuthenticatorFolder(folder);
    server.close();
    expect(files.map(({ userName }) => userName)).toEqual(['alice']);
    expect(problems.map(({ userName, text }) => `${userName}: ${text.slice(0, 28)}`)).toEqual([
      'moved: it is a symbolic link, and n',
      'device: it is a symbolic link, and n',
      'folder: it is not a regular file',
      'hard: it has a second name elsewhe',
      'huge: it is longer than 64 KiB',
      'linked: it is a symbolic link, and n',
      'open: others may write into it; lo',
      'pipe: it is not a regular file',
      'shared: others may write into this h',
      'socket: it is not a regular file',
    ]);
    expect(JSON.stringify(problems)).not.toContain('not to be read');
  });

  it('tells which secrets others could read', () => {
    const folder = homesOf('alice', 'bob');
    chmodSync(join(folder, 'bob', FILE), 0o444);
    const { files, warnings } = readGoogleAuthenticatorFolder(folder);
    expect(files.length).toBe(2);
    expect(warnings).toMatchObject([
      { userName: 'bob', text: expect.stringContaining('others on that machine could read') },
    ]);
  });

  it.skipIf(!isRoot)(
    `takes a file of the owner of the home, of nobody else${isRoot ? '' : ' (skipped: needs root)'}`,
    () => {
      const folder = homesOf('alice', 'bob', 'carol');
      for (const name of ['alice', 'bob', 'carol']) chownSync(join(folder, name), 4001, 4001);
      chownSync(join(folder, 'alice', FILE), 4001, 4001);
      chownSync(join(folder, 'bob', FILE), 4002, 4002);
      expect(problemsOf(folder)).toEqual(['bob: it belongs neither to the owner of the home nor to root']);
      chownSync(folder, 4001, 4001);
      expect(faultOf(folder)).toMatchObject({ code: 'file-refused' });
    },
  );

  it('names a home that it may not look into', () => {
    const folder = homesOf('alice', 'bob');
    chmodSync(join(folder, 'bob'), 0);
    onTestFinished(() => chmodSync(join(folder, 'bob'), 0o700));
    if (isRoot) {
      // Root may look everywhere: look as somebody else for a moment.
      chmodSync(folder, 0o755);
      chownSync(join(folder, 'alice'), 4001, 4001);
      chownSync(join(folder, 'alice', FILE), 4001, 4001);
      process.seteuid?.(4001);
    }
    try {
      const { files, problems } = readGoogleAuthenticatorFolder(folder);
      expect(files.map(({ userName }) => userName)).toEqual(['alice']);
      expect(problems).toMatchObject([
        { userName: 'bob', text: expect.stringContaining('this account may not read it') },
      ]);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
