/**
 * The attack: log in with what was right a moment ago (C37). A login waits at one of its questions, another process
 * changes something about the user, and the login is answered as if nothing had happened. The grant looks at all of it
 * again, in the transaction that records it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoreEngine } from '../../src/core/config/model.ts';
import type { Message } from '../../src/core/login/message.ts';
import { phoneCode, roomInStep } from '../support/authenticator.ts';
import type { Shell } from '../support/gatehouse-process.ts';
import { type HostAnswers, type HostLogin, jsonLogin, pairIn, secretIn } from '../support/host-login.ts';
import { preparedFacility, setByHand } from '../support/prepared-facility.ts';

const PASSWORD = 'tulips in the morning';
const RESET = 'roses in the evening';
const CHOSEN = 'daisies at high noon';
const ENGINES = ['sqljs', 'sqlite'] as const;

/** `new` has to pair; `paired` has done so, with the secret in the file `secret`; `bare` has to change the password. */
const facility = preparedFacility({
  mode: 'auto',
  async prepare({ json, folder }) {
    for (const name of ['new', 'paired']) {
      await json(['user', 'add', name, '--password-stdin'], { input: `${PASSWORD}\n` });
    }
    await json(['user', 'add', 'bare', '--password-stdin', '--must-change'], { input: `${PASSWORD}\n` });
    await json(['2fa', 'require', 'new', 'paired']);
    // The step before: a later code of this one has to be free for the tests.
    const { said } = await jsonLogin(folder, { username: 'paired', password: PASSWORD, code: (so) => codeOf(so, -1) });
    writeFileSync(join(folder, 'secret'), secretIn(pairIn(said).uri));
  },
});

const codeOf = (said: readonly Message[], stepsAhead = 0) => phoneCode(secretIn(pairIn(said).uri), stepsAhead);

type Change = { readonly args: readonly string[]; readonly input?: string };

/** Done to a user by another process. */
const CHANGES: Readonly<Record<string, (name: string) => Change>> = {
  disabled: (name) => ({ args: ['user', 'disable', name] }),
  removed: (name) => ({ args: ['user', 'remove', name, '--yes'] }),
  deactivated: (name) => ({ args: ['2fa', 'deactivate', name, '--yes'] }),
  'given a new password': (name) => ({ args: ['user', 'passwd', name, '--password-stdin'], input: `${RESET}\n` }),
};

async function change(shell: Shell, { args, input = '' }: Change): Promise<void> {
  await shell.json(args, { input });
}

async function refused(shell: Shell, login: HostLogin, user: string): Promise<void> {
  expect(login.done?.outcome).not.toBe('granted');
  expect(login.status).not.toBe(0);
  const granted = (await records(shell)).filter((one) => one.event === 'login.granted' && one.user === user);
  expect(granted).toHaveLength(user === 'paired' ? 1 : 0);
}

async function records(shell: Shell) {
  return (await shell.json(['audit', 'list'])) as readonly { event: string; user?: string; detail?: string }[];
}

/** Pairs in a login that waits at the offer of recovery codes, where `meanwhile` happens. */
function pairing(shell: Shell, answer: 'skip' | 'show', meanwhile: () => Promise<void>): Promise<HostLogin> {
  let asked = 0;
  const answers: HostAnswers = {
    username: 'new',
    password: PASSWORD,
    code: (said) => codeOf(said),
    async choice() {
      asked += 1;
      if (asked > 1) return 'continue';
      await meanwhile();
      return answer;
    },
  };
  return jsonLogin(shell.folder, answers, { begin: { recoveryCodes: true } });
}

const codesShownIn = ({ said }: HostLogin) => said.filter((message) => message.type === 'notice' && 'codes' in message);

describe.each(ENGINES)('a login that waits at the offer of recovery codes, in %s', (engine) => {
  it.each(['skip', 'show'] as const)('is granted when %s is answered and nothing happened', async (answer) => {
    const shell = await facility(engine);
    const login = await pairing(shell, answer, async () => undefined);
    expect(login).toMatchObject({ status: 0, done: { outcome: 'granted', paired: true } });
    expect(codesShownIn(login)).toHaveLength(answer === 'show' ? 1 : 0);
    const events = (await records(shell)).map(({ event }) => event);
    expect(events.filter((event) => event === 'recovery.made')).toHaveLength(answer === 'show' ? 1 : 0);
  });

  it.each(Object.keys(CHANGES))('is not granted by skip to a user who was %s meanwhile', async (what) => {
    const shell = await facility(engine);
    const login = await pairing(shell, 'skip', () => changeOf(shell, what, 'new'));
    await refused(shell, login, 'new');
  });

  it.each(Object.keys(CHANGES))('shows no recovery codes to a user who was %s meanwhile', async (what) => {
    const shell = await facility(engine);
    const login = await pairing(shell, 'show', () => changeOf(shell, what, 'new'));
    expect(codesShownIn(login)).toEqual([]);
    expect((await records(shell)).map(({ event }) => event)).not.toContain('recovery.made');
    await refused(shell, login, 'new');
  });
});

function changeOf(shell: Shell, what: string, name: string): Promise<void> {
  const made = CHANGES[what]?.(name);
  if (made === undefined) throw new Error(`no change ${what}`);
  return change(shell, made);
}

/** Answers the right code of `paired`, after `meanwhile`. */
async function atCode(shell: Shell, secret: string, meanwhile: () => Promise<void>): Promise<HostLogin> {
  return jsonLogin(shell.folder, {
    username: 'paired',
    password: PASSWORD,
    async code() {
      await meanwhile();
      return phoneCode(secret, 1);
    },
  });
}

async function withSecret(engine: StoreEngine): Promise<{ readonly shell: Shell; readonly secret: string }> {
  const shell = await facility(engine);
  await roomInStep(5);
  return { shell, secret: readFileSync(join(shell.folder, 'secret'), 'utf8') };
}

describe.each(ENGINES)('a login that waits at the code, in %s', (engine) => {
  it('is granted by the right code when nothing happened', async () => {
    const { shell, secret } = await withSecret(engine);
    expect(await atCode(shell, secret, async () => undefined)).toMatchObject({
      status: 0,
      done: { outcome: 'granted' },
    });
  });

  it.each(Object.keys(CHANGES))('is not granted by the right code to a user who was %s meanwhile', async (what) => {
    const { shell, secret } = await withSecret(engine);
    const login = await atCode(shell, secret, () => changeOf(shell, what, 'paired'));
    await refused(shell, login, 'paired');
  });
});

it('is not granted by the right code where a backup was restored while the login waited', async () => {
  const { shell, secret } = await withSecret('sqljs');
  await shell.json(['backup', 'copy.db']);
  const login = await atCode(shell, secret, () => change(shell, { args: ['restore', 'copy.db', '--yes'] }));
  await refused(shell, login, 'paired');
  // It was the restore that kept her out, not her account.
  const again = await jsonLogin(shell.folder, { username: 'paired', password: PASSWORD });
  expect(again.said.map((message) => (message.type === 'ask' ? message.field : message.type))).toContain('code');
});

/** `bare` chooses a password, after `meanwhile`. */
function choosing(shell: Shell, meanwhile: () => Promise<void>): Promise<HostLogin> {
  return jsonLogin(shell.folder, {
    username: 'bare',
    password: PASSWORD,
    async 'new-password'() {
      await meanwhile();
      return CHOSEN;
    },
    'repeat-password': CHOSEN,
  });
}

describe.each(ENGINES)('a login that waits at a new password, in %s', (engine) => {
  it('is granted with the password that was chosen when nothing happened', async () => {
    const shell = await facility(engine);
    expect(await choosing(shell, async () => undefined)).toMatchObject({ status: 0, done: { outcome: 'granted' } });
    const events = (await records(shell)).map(({ event }) => event);
    expect(events.slice(-2)).toEqual(['password.changed', 'login.granted']);
  });

  it('does not overwrite the password that an administrator set meanwhile', async () => {
    const shell = await facility(engine);
    const login = await choosing(shell, () => changeOf(shell, 'given a new password', 'bare'));
    await refused(shell, login, 'bare');
    expect((await records(shell)).map(({ event }) => event)).not.toContain('password.changed');
    const attempts = [CHOSEN, PASSWORD, RESET].map((password) => ({ username: 'bare', password }));
    const outcomes: unknown[] = [];
    for (const attempt of attempts) outcomes.push((await jsonLogin(shell.folder, once(attempt))).done?.outcome);
    expect(outcomes.at(-1)).toBe('granted');
    expect(outcomes.slice(0, 2)).not.toContain('granted');
  });

  it.each([
    ['disabled', ['user', 'disable', 'bare']],
    ['removed', ['user', 'remove', 'bare', '--yes']],
    ['asked for a second factor', ['2fa', 'require', 'bare']],
  ])('is not granted to a user who was %s meanwhile, and changes no password', async (_, args) => {
    const shell = await facility(engine);
    const login = await choosing(shell, () => change(shell, { args }));
    await refused(shell, login, 'bare');
    expect((await records(shell)).map(({ event }) => event)).not.toContain('password.changed');
  });
});

it('is not granted by the password alone where two-factor was switched on while the login waited', async () => {
  const shell = await facility('sqljs');
  await shell.json(['2fa', 'require', 'bare']);
  setByHand(shell, '2FA', 'Off');
  const off = await choosing(shell, async () => undefined);
  expect(off).toMatchObject({ status: 0, done: { outcome: 'granted', method: 'password' } });
  await shell.json(['user', 'set', 'bare', '--must-change-password']);
  const login = await jsonLogin(shell.folder, {
    username: 'bare',
    password: CHOSEN,
    async 'new-password'() {
      setByHand(shell, '2FA', 'Auto:Ward LIVE');
      return RESET;
    },
    'repeat-password': RESET,
  });
  expect(login.done?.outcome).toBe('denied');
  const granted = (await records(shell)).filter(({ event }) => event === 'login.granted');
  // One of `paired` when the facility was made, one while two-factor was off.
  expect(granted).toHaveLength(2);
});

it('is not granted by the password alone where the 2FA setting was removed while the login waited', async () => {
  const shell = await facility('sqljs');
  const login = await choosing(shell, async () => {
    await shell.json(['2fa', 'require', 'bare']);
    const file = join(shell.folder, 'config.ini');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^2FA=.*\n/m, ''));
  });
  await refused(shell, login, 'bare');
});

/** Each answer once: a second question ends the input. */
function once(answers: Readonly<Record<'username' | 'password', string>>): HostAnswers {
  const left = new Map(Object.entries(answers));
  const take = (field: string) => () => {
    const value = left.get(field);
    left.delete(field);
    return value;
  };
  return { username: take('username'), password: take('password') };
}

it('ends at its deadline however it is kept busy, and leaves a pairing the time that it needs', async () => {
  const shell = await facility('sqljs');
  setByHand(shell, 'Login.TimeoutSeconds', '10');
  const ends: string[] = [];
  const { promise: bothEnded, resolve: letPair } = Promise.withResolvers<void>();
  const [atPairing, atSecond] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const noted = async (name: string, login: Promise<HostLogin>) => {
    const ended = await login;
    ends.push(name);
    return ended;
  };
  const never = new Promise<string>(() => undefined);
  const pairs = noted(
    'pairing',
    jsonLogin(shell.folder, {
      username: 'new',
      password: PASSWORD,
      async code(said) {
        atPairing.resolve();
        await bothEnded;
        return codeOf(said);
      },
    }),
  );
  await atPairing.promise;
  // The first one answers when the second one has begun: if its deadline began anew then, it would be the later one.
  const { promise: firstBegan, resolve: beginSecond } = Promise.withResolvers<void>();
  const first = noted(
    'first',
    jsonLogin(shell.folder, {
      async username() {
        beginSecond();
        await atSecond.promise;
        return 'paired';
      },
      password: () => never,
    }),
  );
  await firstBegan;
  const second = noted(
    'second',
    jsonLogin(shell.folder, {
      username() {
        atSecond.resolve();
        return never;
      },
    }),
  );
  for (const { status, done } of await Promise.all([first, second])) {
    expect({ status, done }).toMatchObject({ status: 77, done: { outcome: 'denied', reason: 'timed-out' } });
  }
  expect(ends).toEqual(['first', 'second']);
  letPair();
  expect(await pairs).toMatchObject({ status: 0, done: { outcome: 'granted', paired: true } });
});
