/** Whose socket a client uses: the rule alone; listen.test.ts tries the way to it with real folders. */
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { refuseForeignSocket, refuseUnsafeSocketFolder, serverAccounts } from '../../src/gate/socket-path.ts';
import { ACCOUNTS, type AccountName, madeUpFiles } from '../support/made-up-files.ts';

const { root, gatehouse, mallory } = ACCOUNTS;

/** Why a client does not take it, or `taken`. */
function client(
  files: string,
  socket: { readonly path: string; readonly owner: AccountName; readonly writers: number[] },
) {
  const { path, owner, writers } = socket;
  const calls = madeUpFiles(files);
  try {
    const owners = serverAccounts(path, writers, calls);
    refuseUnsafeSocketFolder(path, 'everybody', owners, calls);
    refuseForeignSocket(path, { uid: ACCOUNTS[owner] }, owners);
    return 'taken';
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message;
    throw thrown;
  }
}

const path = '/run/gatehouse/gate.sock';
const run = (owner: AccountName) => `/run root 755\n/run/gatehouse ${owner} 755`;

describe('a client takes a socket', () => {
  it('of root, or of who could have written config.ini, and of nobody else', () => {
    const writers = [gatehouse, gatehouse];
    expect(client(run('root'), { path, owner: 'root', writers })).toBe('taken');
    expect(client(run('gatehouse'), { path, owner: 'gatehouse', writers })).toBe('taken');
    expect(client(run('gatehouse'), { path, owner: 'gatehouse', writers: [root, gatehouse] })).toBe('taken');
    expect(client(run('gatehouse'), { path, owner: 'mallory', writers })).toContain('(uid 61002)');
    expect(client(run('mallory'), { path, owner: 'mallory', writers })).toContain('/run/gatehouse, on the way');
    expect(client(run('mallory'), { path, owner: 'root', writers })).toContain('/run/gatehouse, on the way');
  });

  it('of the one account that root gave its folder to, where config.ini is root’s alone', () => {
    const writers = [root, root];
    expect(client(run('gatehouse'), { path, owner: 'gatehouse', writers })).toBe('taken');
    expect(client(run('gatehouse'), { path, owner: 'root', writers })).toBe('taken');
    expect(client(run('gatehouse'), { path, owner: 'mallory', writers })).toContain('(uid 61002)');
    expect(client(run('root'), { path, owner: 'mallory', writers })).toContain('(uid 61002)');
  });

  it('never in a folder that anybody could have made', () => {
    const inTmp = { path: '/tmp/gatehouse/gate.sock', owner: 'mallory', writers: [root, root] } as const;
    const tmp = '/tmp root 1777\n/tmp/gatehouse mallory 755';
    expect(client(tmp, { ...inTmp, writers: [...inTmp.writers] })).toContain('/tmp/gatehouse, on the way');
    const deeper = `${run('mallory')}\n/run/gatehouse/inner mallory 755`;
    const below = { path: '/run/gatehouse/inner/gate.sock', owner: 'mallory', writers: [root, root] } as const;
    expect(client(deeper, { ...below, writers: [...below.writers] })).toContain('/run/gatehouse, on the way');
    expect(client('/tmp root 1777', { path: '/tmp/gate.sock', owner: 'root', writers: [root, root] })).toContain(
      'can be written',
    );
    expect(
      client('/run root 775\n/run/gatehouse gatehouse 755', { path, owner: 'gatehouse', writers: [root, root] }),
    ).toContain('on the way');
  });

  it('of any account where the system has no owners', () => {
    expect(serverAccounts(path, [], madeUpFiles(run('mallory')))).toEqual([]);
    expect(() => refuseForeignSocket(path, { uid: mallory }, [])).not.toThrow();
  });
});
