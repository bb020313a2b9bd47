/** The rule alone; test/security/config-owner.test.ts tries it with real accounts. */
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import {
  type ConfigUse,
  type ConfigWay,
  checkedWay,
  refuseOwner,
  refuseWriters,
  writableByGroup,
} from '../../../src/core/node/config-owner.ts';
import type { WalkCalls } from '../../../src/core/node/path-walk.ts';
import { ACCOUNTS, type AccountName, madeUpFiles } from '../../support/made-up-files.ts';

type Asked = { readonly file: string; readonly as: AccountName; readonly use?: ConfigUse };

/** As config-file.ts does it: the folders, then the file. */
function way({ file, as, use = 'gate' }: Asked, calls: WalkCalls): ConfigWay {
  const reader = { use, account: ACCOUNTS[as] };
  const found = checkedWay(file, reader, calls);
  refuseOwner(file, calls.lstat(found.real).uid, { ...reader, owners: found.owners });
  return found;
}

function refusal(asked: Asked, calls: WalkCalls): Fault {
  try {
    way(asked, calls);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('was taken');
}

const MALLORY = `
  /home root 755
  /home/mallory mallory 755
  /home/mallory/config.ini mallory file
  /home/alice alice 755
  /home/alice/config.ini alice file
  /tmp root 1777
  /tmp/config.ini mallory file
  /tmp/there mallory 755
  /tmp/there/config.ini root file
  /tmp/link mallory -> /home/alice`;

const SERVICE = `
  /etc root 755
  /etc/gatehouse gatehouse 755
  /etc/gatehouse/config.ini gatehouse file
  /etc/gatehouse/root.ini root file
  /etc/gatehouse/mallory.ini mallory file
  /etc/mallory mallory 755
  /etc/mallory/config.ini mallory file
  /srv root 755
  /srv/gatehouse gatehouse 755
  /srv/gatehouse/config.ini gatehouse file`;

describe('a config.ini', () => {
  it('is taken from root and from the account itself, whatever it is for', () => {
    const calls = madeUpFiles(`${MALLORY}\n/srv root 755\n/srv/config.ini root file`);
    for (const use of ['gate', 'facility'] as const) {
      expect(way({ file: '/srv/config.ini', as: 'alice', use }, calls).owners).toEqual([0, ACCOUNTS.alice]);
      expect(way({ file: '/home/alice/config.ini', as: 'alice', use }, calls)).toMatchObject({
        real: '/home/alice/config.ini',
        folderOwner: ACCOUNTS.alice,
      });
    }
  });

  it.each(['root', 'alice', 'gatehouse'] as const)('of mallory is refused to %s, wherever mallory can put it', (as) => {
    const calls = madeUpFiles(`${MALLORY}\n${SERVICE}`);
    const places = [
      '/home/mallory/config.ini',
      '/tmp/config.ini',
      '/etc/mallory/config.ini',
      '/etc/gatehouse/mallory.ini',
    ];
    for (const file of places) expect(refusal({ file, as }, calls)).toMatchObject({ code: 'file-refused' });
    expect(refusal({ file: '/tmp/there/config.ini', as }, calls).message).toContain('/tmp/there, on the way');
    expect(refusal({ file: '/tmp/link/config.ini', as }, calls).message).toContain('/tmp/link, on the way');
  });

  it('is never to be taken away from its owner: the hint is to run as that account', () => {
    const calls = madeUpFiles(`${MALLORY}\n${SERVICE}`);
    const own = "Run Gatehouse as that account: sudo -u '#61002' gatehouse ...";
    expect(refusal({ file: '/home/mallory/config.ini', as: 'root' }, calls).hint).toBe(own);
    expect(refusal({ file: '/home/mallory/config.ini', as: 'alice' }, calls).hint).toBe(own);
    expect(refusal({ file: '/etc/gatehouse/config.ini', as: 'root', use: 'facility' }, calls).hint).toContain(
      'sudo -u',
    );
    expect(refusal({ file: '/etc/gatehouse/config.ini', as: 'root' }, calls).hint).toContain(
      'the account of your program',
    );
  });

  it('of ours in a folder of somebody else has to move', () => {
    const calls = madeUpFiles('/home root 755\n/home/mallory mallory 755\n/home/mallory/config.ini alice file');
    expect(refusal({ file: '/home/mallory/config.ini', as: 'alice' }, calls).hint).toContain('Move config.ini');
  });
});

describe('a config.ini of the account of the server', () => {
  const calls = madeUpFiles(SERVICE);

  it('is taken by a gate of a user below /etc/gatehouse, as is one of root in that folder', () => {
    const taken = way({ file: '/etc/gatehouse/config.ini', as: 'alice' }, calls);
    expect(taken).toMatchObject({ owners: [0, ACCOUNTS.gatehouse], folderOwner: ACCOUNTS.gatehouse });
    expect(way({ file: '/etc/gatehouse/root.ini', as: 'alice' }, calls).folderOwner).toBe(ACCOUNTS.gatehouse);
  });

  it('is refused anywhere else: so could mallory have made it', () => {
    expect(refusal({ file: '/srv/gatehouse/config.ini', as: 'alice' }, calls).code).toBe('file-refused');
  });

  it('is refused to root, and to whoever opens the facility', () => {
    for (const asked of [{ as: 'root' }, { as: 'root', use: 'facility' }, { as: 'alice', use: 'facility' }] as const) {
      expect(refusal({ file: '/etc/gatehouse/config.ini', ...asked }, calls).code).toBe('file-refused');
    }
    const { owners: writers } = way({ file: '/etc/gatehouse/config.ini', as: 'alice' }, calls);
    const alice = { use: 'facility', account: ACCOUNTS.alice } as const;
    expect(() => refuseWriters('/etc/gatehouse/config.ini', writers, alice)).toThrow(Fault);
    expect(() => refuseWriters('/etc/gatehouse/config.ini', [0, ACCOUNTS.alice], alice)).not.toThrow();
  });

  it('is refused in a folder of root: a file that was given away by itself appoints nobody', () => {
    const given = madeUpFiles('/etc root 755\n/etc/gatehouse root 755\n/etc/gatehouse/config.ini mallory file');
    expect(refusal({ file: '/etc/gatehouse/config.ini', as: 'alice' }, given).message).toContain('uid 61002');
  });

  it('is refused where a second account has a hand in it, the one who logs in too', () => {
    const inner = (owner: AccountName, file: AccountName) =>
      madeUpFiles(`/etc root 755\n/etc/gatehouse gatehouse 755\n/etc/gatehouse/icu ${owner} 755
        /etc/gatehouse/icu/config.ini ${file} file`);
    const asked = { file: '/etc/gatehouse/icu/config.ini', as: 'alice' } as const;
    expect(way(asked, inner('gatehouse', 'root')).folderOwner).toBe(ACCOUNTS.gatehouse);
    for (const [owner, file] of [
      ['mallory', 'mallory'],
      ['mallory', 'gatehouse'],
      ['gatehouse', 'mallory'],
      ['gatehouse', 'alice'],
      ['alice', 'alice'],
    ] as const) {
      expect(refusal(asked, inner(owner, file)).code, `${owner} ${file}`).toBe('file-refused');
    }
  });

  it('may be behind a link that root has made', () => {
    const linked = madeUpFiles(`/etc root 755\n/etc/gatehouse root -> /srv/gatehouse\n/srv root 755
      /srv/gatehouse gatehouse 755\n/srv/gatehouse/config.ini gatehouse file`);
    const taken = way({ file: '/etc/gatehouse/config.ini', as: 'alice' }, linked);
    expect(taken).toMatchObject({ real: '/srv/gatehouse/config.ini', owners: [0, ACCOUNTS.gatehouse] });
  });
});

describe('a folder on the way', () => {
  const below = (mode: string) =>
    madeUpFiles(`/srv root 755\n/srv/a root ${mode}\n/srv/a/b root 755\n/srv/a/b/config.ini root file`);
  const asked = { file: '/srv/a/b/config.ini', as: 'alice' } as const;

  it.each(['777', '757', '776'])(
    'that everybody may write is refused (%s), with the command that closes it',
    (mode) => {
      expect(refusal(asked, below(mode)).hint).toBe('chmod o-w /srv/a');
    },
  );

  it('that a group may write is a warning, and none of others', () => {
    const warned = (mode: string) => writableByGroup(way(asked, below(mode)).places).map(({ path }) => path);
    for (const mode of ['775', '2775', '770']) expect(warned(mode)).toEqual(['/srv/a']);
    for (const mode of ['755', '750', '1777', '1775']) expect(warned(mode)).toEqual([]);
  });

  it('is each one that links lead through, relative ones, upwards and in a row', () => {
    const calls =
      madeUpFiles(`/a root 755\n/a/one root -> ../b/two\n/b root 755\n/b/two root -> ./c/../d/\n/b/c root 755
      /b/d alice 755\n/b/d/config.ini alice file`);
    const { real, places } = way({ file: '/a/one/config.ini', as: 'alice' }, calls);
    expect(real).toBe('/b/d/config.ini');
    expect(places.map(({ path }) => path)).toEqual(['/', '/a', '/a/one', '/b', '/b/two', '/b/c', '/b/d']);
    expect(refusal({ file: '/a/one/config.ini', as: 'gatehouse' }, calls).message).toContain('/b/d, on the way');
  });

  it('is not looked for without end', () => {
    const calls = madeUpFiles('/a root -> /b\n/b root -> /a');
    expect(() => way({ file: '/a/config.ini', as: 'alice' }, calls)).toThrow('too many symbolic links');
  });

  it('has no owner where the system has none', () => {
    const reader = { use: 'gate', account: undefined } as const;
    expect(checkedWay('/x/config.ini', reader, madeUpFiles(''))).toMatchObject({ real: '/x/config.ini', owners: [] });
    expect(() => refuseOwner('/x/config.ini', 61002, { ...reader, owners: [] })).not.toThrow();
  });
});
