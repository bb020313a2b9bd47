import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Done } from '../../../src/core/login/message.ts';
import { createForm, type Form } from '../../../src/gate/ink/form.ts';
import { type Interruption, runConversation } from '../../../src/gate/run-conversation.ts';
import { decodeKeys, type Key, NO_KEYS_YET } from '../../../src/terminal/keys.ts';
import { FAKE_CODES, FAKE_KEY, type FakeWorld, fakeLogin } from '../../support/fake-login.ts';
import fc from '../../support/properties.ts';

type Started = {
  readonly form: Form;
  readonly heard: string[];
  readonly done: Promise<Done>;
  /** How often type-ahead was dropped. */
  readonly drops: () => number;
  type(bytes: string): void;
};

function start(world: FakeWorld = {}): Started {
  const heard: string[] = [];
  const { promise: interrupted, resolve } = Promise.withResolvers<Interruption>();
  let drops = 0;
  const form = createForm({
    label: 'St Elsewhere LIVE',
    givenName: world.givenName,
    qrSeconds: 120,
    dropTypeAhead: () => {
      drops += 1;
    },
    onCancel: () => resolve('cancelled'),
    onRedraw() {},
  });
  const done = runConversation({ conversation: fakeLogin({ ...world, heard }), asker: form, interrupted, graceMs: 10 });
  return { form, heard, done, drops: () => drops, type: (bytes) => form.take(keysOf(bytes)) };
}

function keysOf(bytes: string): readonly Key[] {
  return decodeKeys(NO_KEYS_YET, new TextEncoder().encode(bytes)).keys;
}

const ESC = '\x1b';
const F1 = '\x1bOP';
const F6 = '\x1b[17~';

/** Resolves once the form shows it. */
function shown(form: Form, isIt: (view: ReturnType<Form['view']>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isIt(form.view())) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = form.subscribe(look);
    look();
  });
}

async function asks(form: Form, label: string): Promise<void> {
  await shown(form, ({ open }) => (open.kind === 'field' || open.kind === 'choice') && open.label === label);
}

async function typeUpToCode({ form, type }: Started): Promise<void> {
  await asks(form, 'User name');
  type('alice\r');
  await asks(form, 'Password');
  type('hunter2\r');
  await asks(form, 'Code');
}

describe('what is typed', () => {
  it('reaches user name and password in order, in whatever pieces it comes', async () => {
    const typed = 'alice\rhunter2\r';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: typed.length - 1 })), fc.boolean(), async (cuts, waits) => {
        const { form, heard, type } = start();
        await asks(form, 'User name');
        const places = [...new Set([0, ...cuts, typed.length])].sort((one, other) => one - other);
        for (const [index, from] of places.slice(0, -1).entries()) {
          type(typed.slice(from, places[index + 1]));
          if (waits) await Promise.resolve();
        }
        await asks(form, 'Code');
        expect(heard).toEqual(['alice', 'hunter2']);
      }),
      { numRuns: 200 },
    );
  });

  it('behind the Enter of a password is dropped, not taken for the code', async () => {
    const { form, heard, type } = start();
    await asks(form, 'User name');
    type('alice\rhunter2\r123456\r');
    await asks(form, 'Code');
    expect(heard).toEqual(['alice', 'hunter2']);
    expect(form.view().open).toMatchObject({ shown: { text: '' } });
  });

  it('in a paste ends with its first line', async () => {
    const { form, heard, type } = start();
    await asks(form, 'User name');
    type(`${ESC}[200~alice\nhunter2\n${ESC}[201~`);
    await asks(form, 'Password');
    expect(heard).toEqual(['alice']);
    expect(form.view().open).toMatchObject({ shown: { length: 0 } });
    type(`${ESC}[200~hunter2${ESC}[201~\r`);
    await asks(form, 'Code');
    expect(heard).toEqual(['alice', 'hunter2']);
  });

  it('ahead of a question is dropped, but for the password behind the user name', async () => {
    const started = start();
    await asks(started.form, 'User name');
    expect(started.drops()).toBe(1);
    started.type('alice\rh');
    await asks(started.form, 'Password');
    expect(started.drops()).toBe(1);
    started.type('unter2\r');
    await asks(started.form, 'Code');
    expect(started.drops()).toBe(2);
    expect(started.heard).toEqual(['alice', 'hunter2']);
  });

  it('over-long is refused, costs no attempt and is not cut', async () => {
    const { form, heard, type } = start();
    await asks(form, 'User name');
    type(`${'a'.repeat(5000)}\r`);
    expect(heard).toEqual([]);
    expect(form.view().notices).toMatchObject([{ text: 'That is too long.' }]);
    type('alice\r');
    await asks(form, 'Password');
    expect(heard).toEqual(['alice']);
  });

  it('of a secret is nowhere in the view, not even its length once it is answered', async () => {
    const { form, type } = start();
    await asks(form, 'User name');
    type('alice\r');
    await asks(form, 'Password');
    type('hunter2');
    expect(JSON.stringify(form.view())).not.toContain('hunter2');
    expect(form.view().open).toMatchObject({ shown: { length: 7, text: '' } });
    type('\r');
    await asks(form, 'Code');
    expect(form.view().answered).toMatchObject([{ shown: { text: 'alice' } }, { shown: { length: 8, secret: true } }]);
  });
});

describe('keys of the form', () => {
  it.each([
    ['Esc, once nothing follows it', { kind: 'named', name: 'escape' }],
    ['F3', { kind: 'named', name: 'f3' }],
    ['F12', { kind: 'named', name: 'f12' }],
    ['Ctrl-C', { kind: 'control', letter: 'c' }],
    ['Ctrl-\\', { kind: 'control', letter: '\\' }],
  ] as const)('%s cancels at a field, at a choice and in between', async (_, key) => {
    const atField = start();
    await asks(atField.form, 'User name');
    atField.form.take([key]);
    expect(await atField.done).toMatchObject({ outcome: 'cancelled' });

    const atChoice = start({ factor: 'pair', deferrableDays: 3 });
    await asks(atChoice.form, 'User name');
    atChoice.type('alice\rhunter2\r');
    await shown(atChoice.form, ({ open }) => open.kind === 'choice');
    atChoice.form.take([key]);
    expect(await atChoice.done).toMatchObject({ outcome: 'cancelled' });

    const between = start();
    await asks(between.form, 'User name');
    between.type('alice\rhunter2\r');
    between.form.take([key]);
    expect(await between.done).toMatchObject({ outcome: 'cancelled' });
  });

  it('help takes what is typed until it is closed, and Ctrl-C goes through it', async () => {
    const { form, heard, type, done } = start();
    await asks(form, 'User name');
    type(`al${F1}xyz`);
    expect(form.view().help).toBe('shown');
    type('\r');
    expect(form.view().help).toBe('hidden');
    expect(heard).toEqual([]);
    type(`ice\r`);
    await asks(form, 'Password');
    expect(heard).toEqual(['alice']);
    type(`${F1}\x03`);
    expect(await done).toMatchObject({ outcome: 'cancelled' });
  });

  it('a choice is made by arrows and Enter, or by its number', async () => {
    for (const [keys, answer] of [
      ['\r', 'pair'],
      ['\x1b[B\r', 'later'],
      ['\x1b[A\r', 'later'],
      ['\x1b[B\x1b[B\r', 'pair'],
      ['2', 'later'],
    ] as const) {
      const { form, heard, type } = start({ factor: 'pair', deferrableDays: 3 });
      await asks(form, 'User name');
      type('alice\rhunter2\r');
      await shown(form, ({ open }) => open.kind === 'choice');
      type(`93${keys}`);
      await shown(form, ({ open }) => open.kind !== 'choice');
      await Promise.resolve();
      expect(heard[2]).toBe(answer);
    }
  });

  it('Ctrl-D in an empty field is the end of input', async () => {
    const { form, type, done } = start();
    await asks(form, 'User name');
    type('\x04');
    expect(await done).toMatchObject({ outcome: 'denied', reason: 'input-ended' });
  });
});

describe('pairing', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('blanks the picture after QrSeconds and shows it for as long again on a key', async () => {
    const started = start({ factor: 'pair' });
    await typeUpToCode(started);
    const { form, type } = started;
    const picture = () => form.view().pairing?.picture;
    vi.advanceTimersByTime(119_999);
    expect(picture()).toBe('shown');
    vi.advanceTimersByTime(1);
    expect(picture()).toBe('blanked');
    type(F6);
    expect(picture()).toBe('shown');
    vi.advanceTimersByTime(120_000);
    expect(picture()).toBe('blanked');
    type(`${F6}${F6}`);
    expect(picture()).toBe('blanked');
  });

  it('stays on the screen after a wrong code, and leaves it with the right one', async () => {
    const started = start({ factor: 'pair' });
    await typeUpToCode(started);
    const { form, type, heard } = started;
    type('000000\r');
    await shown(form, ({ notices }) => notices.length === 1);
    expect(form.view().pairing?.pair.key).toBe(FAKE_KEY);
    expect(form.view().notices[0]?.text).toMatch(/clock of your phone/);
    type('123456\r');
    await shown(form, ({ open }) => open.kind === 'choice');
    expect(form.view().pairing).toBeUndefined();
    expect(JSON.stringify(form.view())).not.toContain('ABCD');
    expect(heard.slice(2)).toEqual(['000000', '123456']);
  });

  it('shows the recovery codes once, until the person goes on', async () => {
    const started = start({ factor: 'pair' });
    await typeUpToCode(started);
    const { form, type, done } = started;
    type('123456\r');
    await shown(form, ({ open }) => open.kind === 'choice');
    type('\r');
    await shown(form, ({ recoveryCodes }) => recoveryCodes !== undefined);
    expect(form.view().recoveryCodes).toEqual(FAKE_CODES);
    expect(form.view().notices).toMatchObject([{ level: 'info' }]);
    expect(JSON.stringify(form.view().notices)).not.toContain('ABCD0');
    type('\r');
    expect(form.view().recoveryCodes).toBeUndefined();
    expect(await done).toMatchObject({ outcome: 'granted' });
  });
});

describe('the last word', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stays until Enter; what was typed before does not wipe it away', async () => {
    const started = start({ attempts: 1 });
    const { form, type, done, drops } = started;
    await asks(form, 'User name');
    type('alice\rwrong\r\r\r');
    await shown(form, ({ open }) => open.kind === 'over');
    expect(form.view().notices).toMatchObject([{ text: 'Login incorrect.' }]);
    expect(drops()).toBe(2);
    type('x');
    expect(form.view().open.kind).toBe('over');
    type('\r');
    expect(await done).toMatchObject({ outcome: 'denied' });
  });

  it('goes by itself after ten seconds', async () => {
    const { form, type, done } = start({ factor: 'administrator' });
    await asks(form, 'User name');
    type('alice\rhunter2\r');
    await shown(form, ({ open }) => open.kind === 'over');
    vi.advanceTimersByTime(10_000);
    expect(await done).toMatchObject({ outcome: 'denied', reason: 'administrator' });
  });

  it('is not waited for where nothing was said', async () => {
    const started = start();
    await typeUpToCode(started);
    started.type('123456\r');
    expect(await started.done).toMatchObject({ outcome: 'granted', method: 'password+totp' });
  });
});

it('closed, it has forgotten everything', async () => {
  const started = start({ factor: 'pair' });
  await typeUpToCode(started);
  started.type('12345');
  started.form.close();
  expect(started.form.view()).toEqual({
    label: 'St Elsewhere LIVE',
    answered: [],
    open: { kind: 'waiting', pace: 'at-once' },
    notices: [],
    pairing: undefined,
    recoveryCodes: undefined,
    help: 'hidden',
  });
});
