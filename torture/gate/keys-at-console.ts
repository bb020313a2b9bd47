/** Keys of every kind at the real console, signed in as an auditor: it never falls over, and nothing in the database is another, for an auditor only reads. */
import { join } from 'node:path';
import { createPasswordHasher } from '../../src/core/node/password-hasher.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt } from '../../src/core/totp.ts';
import { emulatedPty } from '../../test/support/emulated-pty.ts';
import { PASSWORD, type TorturedFacility, torturedFacility } from '../facility.ts';
import type { Torment, Victim } from '../torment.ts';
import { notBuilt } from './keys-at-gate.ts';
import { pressedKeys } from './pressed-keys.ts';

export const keysAtConsole: Torment = {
  name: 'keys-at-console',
  about: 'keys, pastes and bytes pressed at the real console by an auditor: it stands, and not a user is changed',
  counted: 'key bursts',
  goals: { short: 40, long: 20_000 },
  missing: notBuilt,
  open: victim,
};

const GATEHOUSE = join(import.meta.dirname, '../../bin/gatehouse');
const BURSTS = 40;
/** What screens and dialogues are reached by, and what they ask for. */
const WORDS = [
  'alice',
  'yes',
  'y',
  'alice\r',
  PASSWORD,
  '/a',
  '?',
  'j',
  'k',
  'r',
  'd',
  'a',
  's',
  'u',
  'x',
  'p',
  'e',
  'n',
  '1',
  '2',
  '3',
  '4',
];

async function victim(folder: string): Promise<Victim> {
  const hasher = createPasswordHasher({ memoryMiB: 19, passes: 2 });
  const names = ['alice', 'bob', 'ada', 'iris'];
  const roles = ['user', 'user', 'admin', 'auditor'] as const;
  const tortured = await torturedFacility({ folder, names, roles, hasher });
  const { facility, configFile, people } = tortured;
  const iris = people.find(({ name }) => name === 'iris');
  if (!iris) throw new Error('iris was not made');
  return {
    async round(random) {
      await facility.store.by({}).unlock(iris.id);
      const screen = emulatedPty(GATEHOUSE, ['--config', configFile], { folder });
      try {
        await screen.until(/User name/);
        screen.type('iris\r');
        await screen.until(/› Password/);
        screen.type(`${PASSWORD}\r`);
        await screen.until(/› Code/);
        screen.type(`${await unusedCode(tortured, iris.id, iris.secret)}\r`);
        await screen.until(/Gatehouse · (Overview|Users)/);
        const before = await everybody(tortured);
        let over = false;
        const ended = screen.exited.then(() => {
          over = true;
        });
        let bursts = 0;
        for (; bursts < BURSTS && !over; bursts += 1) {
          screen.type(pressedKeys(random, WORDS).replaceAll(/[q\x03]/g, ''));
          if (random.chance(0.1)) screen.resize(60 + random.below(100), 16 + random.below(40));
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, random.below(40)))]);
        }
        while (!over) {
          screen.type('\x03');
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 300))]);
        }
        const status = await screen.exited;
        if (![0, 130].includes(status)) throw new Error(`the console ended with ${status}: ${screen.text()}`);
        if (/^\s+at .*[:(]\d/m.test(screen.text())) throw new Error(`a stack trace: ${screen.text()}`);
        const after = await everybody(tortured);
        if (after !== before)
          throw new Error(`an auditor changed something: ${before.slice(firstDifference(before, after))}`);
        return { 'key bursts': bursts, [`  consoles that ended with ${status}`]: 1 };
      } finally {
        screen.close();
      }
    },
    close: () => facility.close(),
  };
}

function firstDifference(one: string, other: string): number {
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return Math.max(0, at - 40);
}

/** All that there is to change about users. Locks are none of it: nonsense may be pressed where the locked console asks for a password. */
async function everybody({ facility }: TorturedFacility): Promise<string> {
  const users = (await facility.store.users()).map((user) => ({ ...user, lockedUntil: null }));
  return JSON.stringify(users.toSorted((one, other) => (one.id < other.id ? -1 : 1)));
}

/** Of the present step or the one after it, which hold for half a minute to come; waits where both are used up. */
async function unusedCode(
  { facility }: TorturedFacility,
  id: TorturedFacility['people'][number]['id'],
  secret: Uint8Array,
) {
  const { store } = facility;
  for (;;) {
    const last = (await store.userById(id))?.twoFactor.pairing?.lastStep ?? 0;
    const present = timeStepAt(Date.now());
    const step = Math.max(last + 1, present);
    if (step <= present + 1) return codeAt(secret, step);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
