/** Six days at the demo's hospital: log-ons by the hour, a staged roll-out, a new phone, a stolen one, somebody who keeps guessing. */
import type { Directory } from '../src/core/directory/directory.ts';
import { beginLogin } from '../src/core/login/begin-login.ts';
import type { Ask, Message } from '../src/core/login/message.ts';
import type { Facility } from '../src/core/node/facility.ts';
import type { Actor } from '../src/core/roles.ts';
import type { EpochMs, UserId } from '../src/core/user.ts';
import { loginDeps } from '../src/gate/login-world.ts';
import { DEMO_ADMIN, DEMO_PASSWORD, DEMO_PEOPLE, type DemoPerson, ROLL_OUT } from './demo-people.ts';
import type { Phones } from './demo-phones.ts';

export type Days = {
  readonly facility: Facility;
  readonly directory: Directory;
  readonly phones: Phones;
  readonly now: EpochMs;
  /** Sets the facility's clock; time only goes on. */
  readonly step: (to: EpochMs) => void;
};

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Everything that happened, in the order of the clock. */
export async function playHistory(days: Days): Promise<void> {
  const deeds = [...rollOut(days), ...logOns(days), ...incidents(days)].sort((one, other) => one.at - other.at);
  for (const { at, run } of deeds) {
    days.step(at);
    await run();
  }
}

type Deed = { readonly at: EpochMs; readonly run: () => Promise<unknown> };

const ADMIN: Actor = { name: DEMO_ADMIN, role: 'admin' };
const HELPDESK: Actor = { name: 'hana', role: 'helpdesk' };

function rollOut({ directory, now }: Days): readonly Deed[] {
  const atOnce = Object.entries(ROLL_OUT.required).map(([group, daysAgo]) => ({ group, daysAgo, from: null }));
  const later = Object.entries(ROLL_OUT.fromDate).map(([group, days]) => ({
    group,
    daysAgo: 1,
    from: dayAt(now + days * DAY_MS),
  }));
  return [...atOnce, ...later].map(({ group, daysAgo, from }) => ({
    at: now - daysAgo * DAY_MS,
    run: () => directory.requireTwoFactor(ADMIN, { selection: { kind: 'group', group }, from }),
  }));
}

/** Each person once a day at most, the last day whole; at which hour, a fixed scatter over the shifts decides. */
function logOns(days: Days): readonly Deed[] {
  return DEMO_PEOPLE.flatMap((person, index) =>
    Array.from({ length: 6 }, (_, daysAgo) => ({ person, at: momentOf(index, daysAgo, days.now), daysAgo })).filter(
      ({ at, daysAgo }) => isIn(person, daysAgo, index) && at < days.now - 2 * 60_000,
    ),
  ).map(({ person, at }, index) => ({ at, run: () => logOn(days, person.name, SLIPS[index % SLIPS.length]) }));
}

/** Fingers slip: what one log-on in eleven begins with. */
const SLIPS: readonly Typed[] = [
  ...Array(5).fill({}),
  { password: 'tulips' },
  ...Array(4).fill({}),
  { code: '000000' },
];

/** Whether this person came in on that day. */
function isIn(person: DemoPerson, daysAgo: number, index: number): boolean {
  const required = ROLL_OUT.required[person.group as keyof typeof ROLL_OUT.required];
  switch (person.story) {
    case 'paired':
      // The day of the roll-out always; the last day nearly always; else every other day.
      return daysAgo === 0 || (required !== undefined && daysAgo === required - 1) || (index + daysAgo) % 3 === 0;
    case 'later':
      return daysAgo === 0 || (index + daysAgo) % 3 === 0;
    case 'plain':
      return daysAgo === 0 || (index + daysAgo) % 2 === 0;
    case 'late':
    case 'issued':
      return required === undefined ? daysAgo === 3 : daysAgo === required + 1;
    case 'left':
      return daysAgo === 5;
    case 'away':
      return false;
  }
}

/** Shifts begin at about 7, 14 and 21 o'clock UTC; who comes when is spread by whole numbers alone, the same each time. */
function momentOf(index: number, daysAgo: number, now: EpochMs): EpochMs {
  const back =
    (SHIFTS[(index * 7 + daysAgo) % SHIFTS.length] ?? 0) * HOUR_MS + ((index * 37 + daysAgo * 17) % 58) * 60_000;
  return now - daysAgo * DAY_MS - back;
}

/** Hours before the day's end: three busy ones and quiet ones between. */
const SHIFTS = [1, 2, 2, 3, 5, 8, 8, 9, 9, 9, 10, 13, 16, 16, 17, 17, 20, 23];

function incidents(days: Days): readonly Deed[] {
  const { directory, facility, now } = days;
  const minutesAgo = (minutes: number): EpochMs => now - minutes * 60_000;
  return [
    signIn(days, 5 * DAY_MS + 30 * 60_000),
    {
      at: now - 5 * DAY_MS - 25 * 60_000,
      run: () => facility.audit.append({ event: 'config.changed', actor: DEMO_ADMIN, detail: '2FA' }),
    },
    // Handed out on paper, not used yet.
    ...named('issued').map(({ name }, index) => ({
      at: now - DAY_MS - index * HOUR_MS,
      run: () => onUser(days, name, (id) => directory.showQr(ADMIN, id)),
    })),
    ...named('left').map(({ name }, index) => ({
      at: now - 3 * DAY_MS - index * HOUR_MS,
      run: () => onUser(days, name, (id) => directory.disableUser(ADMIN, id)),
    })),
    // A new phone beside the old one: the same QR code again.
    { at: minutesAgo(290), run: () => onUser(days, 'chen', (id) => directory.showQr(HELPDESK, id)) },
    // A phone left at home.
    { at: minutesAgo(200), run: () => onUser(days, 'lena', (id) => directory.makeOneTimeCode(HELPDESK, id)) },
    { at: minutesAgo(198), run: () => logOn(days, 'lena', { password: 'tulips do not' }) },
    // A stolen one: its codes end with its secret.
    { at: minutesAgo(150), run: () => onUser(days, 'marco', (id) => directory.deactivate(ADMIN, id)) },
    { at: minutesAgo(149), run: () => requireOf(days, 'marco') },
    { at: minutesAgo(95), run: () => logOn(days, 'marco') },
    signIn(days, 60 * 60_000),
    {
      at: minutesAgo(58),
      run: () => onUser(days, 'ben', (id) => directory.makeRecoveryCodes(ADMIN, id)),
    },
    ...guessing(days, 'omar', minutesAgo(48)),
    // Fingers that slip three times.
    ...[1310, 870, 655, 430].map((minutes, index) => ({
      at: minutesAgo(minutes),
      run: () =>
        logOn(days, ['nils', 'rosa', 'gina', 'ivo'][index] ?? '', { password: 'tulip', afterwards: 'the same' }),
    })),
    { at: minutesAgo(4), run: () => logOn(days, 'root', { password: 'letmein', afterwards: 'the same' }) },
  ];
}

/** Somebody tries passwords until the wait after each (5 minutes, then twice as long) is longer than the demo. */
function guessing(days: Days, name: string, from: EpochMs): readonly Deed[] {
  return [0, 1, 8, 19, 40].map((minutes) => ({
    at: from + minutes * 60_000,
    run: () => logOn(days, name, { password: 'omar2026', afterwards: 'the same' }),
  }));
}

function signIn(days: Days, before: number): Deed {
  const { facility, now } = days;
  return {
    at: now - before,
    async run() {
      await logOn(days, DEMO_ADMIN);
      const detail = days.phones.has(DEMO_ADMIN) ? 'password+totp' : 'password';
      await facility.audit.append({ event: 'console.signed-in', actor: DEMO_ADMIN, user: DEMO_ADMIN, detail });
    },
  };
}

type Typed = {
  /** First; the right one where it is left out. */
  readonly password?: string;
  readonly code?: string;
  /** After it was refused. Default: the right one. */
  readonly afterwards?: 'the same';
};

/** A whole log-on through the core, to its end: scans where a QR code comes, says later where the story is to say so. */
async function logOn({ facility, phones }: Days, name: string, typed: Typed = {}): Promise<void> {
  const person = DEMO_PEOPLE.find((known) => known.name === name);
  const conversation = beginLogin(loginDeps(facility), { user: name, terminal: terminalOf(person) });
  let wrong = { ...typed };
  let said: readonly Message[] = await conversation.start();
  for (;;) {
    const pair = said.find((message) => message.type === 'pair');
    if (pair !== undefined) phones.scan(name, pair.uri);
    const last = said.at(-1);
    if (last?.type !== 'ask') return;
    said = await conversation.answer(last.id, answerTo(last.field));
  }

  function answerTo(field: Ask['field']): string {
    if (field === 'choice') return person?.story === 'later' ? 'later' : 'pair';
    const right = field === 'password' ? DEMO_PASSWORD : (phones.code(name, facility.clock.now()) ?? '');
    const answer = (field === 'password' ? wrong.password : wrong.code) ?? right;
    if (typed.afterwards === undefined) wrong = {};
    return answer;
  }
}

/** Where they sit: a few terminals a group. */
function terminalOf(person: DemoPerson | undefined): string {
  if (person === undefined) return 'reception-2';
  const place = person.group.toLowerCase().replace(/\W+/g, '-');
  return `${place}-${1 + (person.name.charCodeAt(0) % 3)}`;
}

async function requireOf(days: Days, name: string): Promise<void> {
  await onUser(days, name, (id) =>
    days.directory.requireTwoFactor(ADMIN, { selection: { kind: 'users', ids: [id] }, from: null }),
  );
}

async function onUser(days: Days, name: string, work: (id: UserId) => Promise<unknown>): Promise<void> {
  const user = await days.directory.find(name);
  if (user === undefined) throw new Error(`The demo has no ${name}.`);
  await work(user.id);
}

function named(story: DemoPerson['story']): readonly DemoPerson[] {
  return DEMO_PEOPLE.filter((person) => person.story === story);
}

/** The day's first moment, UTC. */
function dayAt(at: EpochMs): EpochMs {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
