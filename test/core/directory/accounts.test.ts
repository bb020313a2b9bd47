import { describe, expect, it } from 'vitest';
import { INITIAL_PASSWORD_MS } from '../../../src/core/directory/initial-password.ts';
import { ADMIN, doneOf, logOn, PASSWORD, START } from '../../support/temporary-facility.ts';
import { AUDITOR, CONSOLE_ADMIN, directoryBench, granted, HELPDESK, refused } from './bench.ts';

describe('adding a user', () => {
  it('makes an initial password that has to be changed at the first log-on and dies after a week', async () => {
    const { directory, converse, clock, user } = await directoryBench();
    const added = granted(await directory.addUser(ADMIN, { name: 'alice', password: { kind: 'generated' } }));
    expect(added.initialPassword).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect(added.user).toMatchObject({ mustChangePassword: true, passwordExpiresAt: START + INITIAL_PASSWORD_MS });
    const fresh = 'a password of my own';
    const answers = {
      username: 'alice',
      password: added.initialPassword ?? '',
      'new-password': fresh,
      'repeat-password': fresh,
    };
    expect(doneOf(await logOn(converse(), answers)).outcome).toBe('granted');
    expect((await user('alice')).mustChangePassword).toBe(false);
    clock.advance(1000);
    expect(doneOf(await logOn(converse(), { username: 'alice', password: fresh })).outcome).toBe('granted');
  });

  it('keeps somebody out whose initial password is older than a week', async () => {
    const { directory, converse, clock } = await directoryBench();
    const added = granted(await directory.addUser(ADMIN, { name: 'alice', password: { kind: 'generated' } }));
    clock.advance(INITIAL_PASSWORD_MS + 1);
    const answers = { username: 'alice', password: added.initialPassword ?? '' };
    expect(doneOf(await logOn(converse(), answers)).outcome).toBe('denied');
  });

  it('takes a name once, whatever its case, form and spaces', async () => {
    const { directory, addUser } = await directoryBench();
    await addUser('Zoë Smith');
    for (const name of ['zoë smith', 'ZOE\u0308  SMITH', ' Zoë Smith ', 'Ｚｏë Smith']) {
      expect(refused(await directory.addUser(ADMIN, { name, password: { kind: 'none' } }))).toBe('taken');
    }
  });

  it.each([
    ['', 'bad-name'],
    ['a:b', 'bad-name'],
    ['-rf', 'bad-name'],
    ['x'.repeat(65), 'bad-name'],
    ['red\u001b[31m', 'bad-name'],
    ['\u202eecila', 'bad-name'],
  ])('refuses the name %j', async (name, code) => {
    const { directory } = await directoryBench();
    expect(refused(await directory.addUser(ADMIN, { name, password: { kind: 'none' } }))).toBe(code);
  });

  it('refuses control and direction characters in display name and group, and takes every script and emoji', async () => {
    const { directory } = await directoryBench();
    const none = { kind: 'none' } as const;
    for (const text of ['\u001b]52;c;x\u0007', 'a\nb', '\u202eabc', '\u009b31m', 'x'.repeat(101)]) {
      expect(refused(await directory.addUser(ADMIN, { name: 'a', display: text, password: none }))).toBe('bad-text');
      expect(refused(await directory.addUser(ADMIN, { name: 'a', group: text, password: none }))).toBe('bad-text');
    }
    const display = 'किरण 👩🏽‍⚕️ \u0645\u06cc\u200c\u0631\u0648\u0645';
    const added = granted(await directory.addUser(ADMIN, { name: 'kiran', display, password: none }));
    expect(added.user.display).toBe(display);
  });

  it('asks 15 characters of a password that is the only factor, 8 beside a second one', async () => {
    const { directory, addUser, require: require2fa, user } = await directoryBench();
    const short = { kind: 'given', password: 'tulip-42-xy', thereafter: 'stays' } as const;
    expect(refused(await directory.addUser(ADMIN, { name: 'bob', password: short }))).toBe('bad-password');
    await addUser('alice');
    const { id } = await user('alice');
    expect(refused(await directory.setPassword(ADMIN, { id, password: short }))).toBe('bad-password');
    await require2fa('alice');
    expect(granted(await directory.setPassword(ADMIN, { id, password: short })).kind).toBe('password-set');
  });

  it('refuses a common password and one made of the user name', async () => {
    const { directory } = await directoryBench();
    for (const password of ['passwordpassword', 'alice.liddell123']) {
      const choice = { kind: 'given', password, thereafter: 'stays' } as const;
      expect(refused(await directory.addUser(ADMIN, { name: 'alice.liddell', password: choice }))).toBe('bad-password');
    }
  });
});

describe('editing a user', () => {
  it('refuses an edit of a user changed meanwhile, and hands over what is there now', async () => {
    const { directory, addUser } = await directoryBench();
    const seen = await addUser('alice');
    granted(await directory.editUser(ADMIN, { id: seen.id, changes: { group: 'ward-4' } }));
    const outcome = await directory.editUser(ADMIN, {
      id: seen.id,
      expectedVersion: seen.version,
      changes: { group: 'ward-5' },
    });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'conflict', current: { group: 'ward-4' } });
  });

  it('never leaves a facility without an administrator', async () => {
    const { directory } = await directoryBench();
    const password = { kind: 'generated' } as const;
    const { user: root } = granted(await directory.addUser(ADMIN, { name: 'root', role: 'admin', password }));
    const edit = { id: root.id, changes: { role: 'user' } } as const;
    expect(refused(await directory.editUser(ADMIN, edit))).toBe('last-admin');
    expect(refused(await directory.disableUser(ADMIN, root.id))).toBe('last-admin');
    expect(refused(await directory.removeUser(ADMIN, root.id))).toBe('last-admin');
    granted(await directory.addUser(ADMIN, { name: 'second', role: 'admin', password }));
    expect(granted(await directory.editUser(ADMIN, edit)).user.role).toBe('user');
  });

  it('keeps a disabled user out and lets an enabled one in', async () => {
    const { directory, addUser, converse } = await directoryBench();
    const { id } = await addUser('alice');
    const answers = { username: 'alice', password: PASSWORD };
    granted(await directory.disableUser(ADMIN, id));
    expect(doneOf(await logOn(converse(), answers)).outcome).toBe('denied');
    granted(await directory.enableUser(ADMIN, id));
    expect(doneOf(await logOn(converse(), answers)).outcome).toBe('granted');
  });

  it('unlocks a user whose password was guessed at', async () => {
    const { directory, addUser, converse, user, clock } = await directoryBench();
    const { id } = await addUser('alice');
    for (let guess = 0; guess < 6; guess += 1) await logOn(converse(), { username: 'alice', password: 'guess' });
    expect((await user('alice')).lockedUntil).toBeGreaterThan(clock.now());
    granted(await directory.unlockUser(HELPDESK, id));
    expect((await user('alice')).lockedUntil).toBeNull();
    expect(doneOf(await logOn(converse(), { username: 'alice', password: PASSWORD })).outcome).toBe('granted');
  });

  it('answers that a user is gone when somebody removed it meanwhile', async () => {
    const { directory, addUser } = await directoryBench();
    const { id } = await addUser('alice');
    granted(await directory.removeUser(ADMIN, id));
    const password = { kind: 'generated' } as const;
    const outcomes = [
      await directory.editUser(ADMIN, { id, changes: { group: 'x' } }),
      await directory.setPassword(ADMIN, { id, password }),
      await directory.unlockUser(ADMIN, id),
      await directory.removeUser(ADMIN, id),
      await directory.showQr(ADMIN, id),
      await directory.deactivate(ADMIN, id),
      await directory.makeOneTimeCode(ADMIN, id),
      await directory.makeRecoveryCodes(ADMIN, id),
    ];
    expect(outcomes.map(refused)).toEqual(outcomes.map(() => 'no-such-user'));
  });
});

describe('roles in the directory', () => {
  it('lets a helpdesk help plain users and nobody else, and do nothing beyond', async () => {
    const { directory, addUser, require: require2fa } = await directoryBench();
    const alice = await addUser('alice');
    const boss = await addUser('boss');
    granted(await directory.editUser(ADMIN, { id: boss.id, changes: { role: 'auditor' } }));
    await require2fa('alice', 'boss');
    const password = { kind: 'generated' } as const;
    const helps = (id: typeof alice.id) => [
      directory.unlockUser(HELPDESK, id),
      directory.makeOneTimeCode(HELPDESK, id),
      directory.setPassword(HELPDESK, { id, password }),
      directory.showQr(HELPDESK, id),
    ];
    for (const outcome of await Promise.all(helps(alice.id))) granted<{ kind: string }>(outcome);
    for (const outcome of await Promise.all(helps(boss.id))) expect(refused(outcome)).toBe('not-permitted');
    const all = { selection: { kind: 'all' }, from: null } as const;
    for (const actor of [HELPDESK, AUDITOR, { name: 'alice', role: 'user' } as const]) {
      const outcomes = [
        await directory.addUser(actor, { name: 'eve', role: 'admin', password }),
        await directory.editUser(actor, { id: alice.id, changes: { role: 'admin' } }),
        await directory.disableUser(actor, alice.id),
        await directory.enableUser(actor, alice.id),
        await directory.removeUser(actor, alice.id),
        await directory.deactivate(actor, alice.id),
        await directory.makeRecoveryCodes(actor, alice.id),
        await directory.requireTwoFactor(actor, all),
        await directory.rehearse(actor, all),
        await directory.importUsers(actor, { csv: 'name\neve\n', purpose: 'import', passwords: 'stay' }),
        await directory.exportUsers(actor),
      ];
      expect(outcomes.map(refused)).toEqual(outcomes.map(() => 'not-permitted'));
    }
  });

  it('does not let a helpdesk set the password of a user who was given a role meanwhile', async () => {
    const { directory, addUser, facility } = await directoryBench();
    const alice = await addUser('alice');
    const slow = {
      ...facility,
      hasher: {
        ...facility.hasher,
        // While the helpdesk's password is hashed, an administrator promotes the user.
        async hash(password: string) {
          granted(await directory.editUser(ADMIN, { id: alice.id, changes: { role: 'admin' } }));
          return facility.hasher.hash(password);
        },
      },
    };
    const { createDirectory } = await import('../../../src/core/directory/directory.ts');
    const outcome = await createDirectory(slow).setPassword(HELPDESK, {
      id: alice.id,
      password: { kind: 'generated' },
    });
    expect(refused(outcome)).toBe('conflict');
  });

  it('writes down who did what to whom, and never a password', async () => {
    const { directory, trail, facility } = await directoryBench();
    const given = { kind: 'given', password: 'canary-password-1', thereafter: 'stays' } as const;
    const { user } = granted(await directory.addUser(CONSOLE_ADMIN, { name: 'alice', password: given }));
    granted(await directory.editUser(CONSOLE_ADMIN, { id: user.id, changes: { display: 'A', role: 'helpdesk' } }));
    for (const mustChangePassword of [true, false])
      granted(await directory.editUser(CONSOLE_ADMIN, { id: user.id, changes: { mustChangePassword } }));
    granted(await directory.disableUser(CONSOLE_ADMIN, user.id));
    granted(await directory.enableUser(CONSOLE_ADMIN, user.id));
    granted(await directory.unlockUser(CONSOLE_ADMIN, user.id));
    granted(await directory.setPassword(CONSOLE_ADMIN, { id: user.id, password: given }));
    granted(await directory.removeUser(CONSOLE_ADMIN, user.id));
    expect(await trail()).toEqual([
      'user.added alice role=user',
      'user.edited alice display,role=helpdesk',
      'user.edited alice mustChangePassword=yes',
      'user.edited alice mustChangePassword=no',
      'user.disabled alice',
      'user.enabled alice',
      'user.unlocked alice',
      'user.password-set alice given',
      'user.removed alice',
    ]);
    for await (const record of facility.trail.read()) {
      expect(record.actor).toBe('root');
      expect(JSON.stringify(record)).not.toContain('canary');
    }
  });
});
