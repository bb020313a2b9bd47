/**
 * The attack on oneself: keys typed while the console is busy, for what was on the screen then, come in when it asks something
 * else. `pressed` is what the terminal does with them before the next frame; `until` is the person who reads first.
 */
import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/temporary-facility.ts';
import { type TestConsole, testConsole } from '../support/test-console.tsx';

const PEOPLE = [{ name: 'ada', role: 'admin' }, { name: 'bob' }, { name: 'carol' }] as const;

async function open(): Promise<TestConsole> {
  const test = await testConsole({ people: PEOPLE });
  await test.signIn('ada');
  return test;
}

/** The console asks something new, and nobody has seen it. */
async function askedUnseen(test: TestConsole, before: object | undefined): Promise<void> {
  await expect.poll(() => test.console.question(), { timeout: 40_000 }).not.toBe(before);
}

async function states(test: TestConsole): Promise<readonly string[]> {
  return (await (await test.facility.directory()).users()).map((user) => user.twoFactor.state);
}

describe('what is typed before a question is on the screen', () => {
  it('requires 2FA of nobody: neither in one piece, nor key by key', async () => {
    const test = await open();
    test.type('R\ry');
    expect(await test.until(/all 3 users/)).toContain('Rehearse');
    const form = test.console.question();
    test.type('\ry');
    await askedUnseen(test, form);
    await expect.poll(() => test.console.store.getState().dialogues.length).toBe(1);
    test.type('y');
    await test.until(/Yes, require 2FA for 3 users/);
    expect(await states(test)).toEqual(['off', 'off', 'off']);
    test.type('y');
    await test.until(/required for 3 users/);
    expect(await states(test)).toEqual(['required', 'required', 'required']);
  });

  it('types no name that a question wants typed', async () => {
    const test = await open();
    await test.require('bob');
    test.type('j\r');
    await test.until(/User Properties[\s\S]*required/);
    test.type('Dbob\r');
    await test.until(/type the user's name: bob/);
    test.type('\r');
    await test.until(/That is not the name/);
    test.type('\x1b');
    await test.until(/User Properties/);
    expect((await test.user('bob')).twoFactor.state).toBe('required');
  });

  it('does not put away a password that is shown once', async () => {
    const test = await open();
    test.type('n');
    await test.until(/New user/);
    const form = test.console.question();
    test.type('eve\r\r\r');
    await askedUnseen(test, form);
    test.type('\r \x1b');
    await test.until(/Give eve this password/);
  });

  it('neither edits a form that is being sent, nor sends it again', async () => {
    const test = await open();
    test.type('n');
    await test.until(/New user/);
    const form = test.console.question();
    test.type('bob\rby\r');
    await askedUnseen(test, form);
    test.type('\x15bobby\r');
    const shown = await test.until(/There is a user bob already/);
    expect(shown).toMatch(/User name +bob\s/);
    expect(await states(test)).toHaveLength(3);
  });

  it('answers neither the first question of a sign-in, nor the code, nor begins another one', async () => {
    const test = await testConsole({ people: PEOPLE });
    test.type('bob\r');
    await test.until(/User name/);
    const name = test.console.question();
    // Name and password are one: they may be typed in one go.
    test.type(`carol\r${PASSWORD}\r`);
    await askedUnseen(test, name);
    test.type('\r\x1b');
    await test.until(/has no role in the console/);
    const refused = test.console.question();
    test.type('\r');
    await askedUnseen(test, refused);
    await test.until(/User name/);
  });

  it('closes no help, and no QR code', async () => {
    const test = await open();
    test.type('?\x1b');
    await test.until(/Search as you type/);
    test.type('\x1b');
    await test.until(/3 users/);
  });
});
