/** A facility of its own in a temporary folder: real key file, real sql.js database, real audit trail, a clock that stands still. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { beginLogin, type LoginOptions } from '../../src/core/login/begin-login.ts';
import type { Ask, Conversation, Done, Message } from '../../src/core/login/message.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import type { User } from '../../src/core/ports.ts';
import { shellActor } from '../../src/core/roles.ts';
import { loginDeps, type VerifyPassword } from '../../src/gate/login-world.ts';

export const PASSWORD = 'correct horse battery';
export const START = Date.parse('2026-03-02T08:00:00Z');
export const ADMIN = shellActor('tester');

/** Cheap argon2id: what is tested is not its cost. */
const LIGHT = '[Password]\nArgon2MemoryMiB=19\nArgon2Passes=2\n';

export type SteppedClock = { now(): number; advance(ms: number): void; set(epochMs: number): void };

export type TemporaryFacility = {
  readonly folder: string;
  readonly clock: SteppedClock;
  readonly facility: Facility;
  addUser(name: string, password?: string): Promise<User>;
  require(...names: readonly string[]): Promise<void>;
  converse(options?: LoginOptions, verifyPassword?: VerifyPassword): Conversation;
};

export async function temporaryFacility(settings = '2FA=Auto:Ward LIVE\n', more = ''): Promise<TemporaryFacility> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.ini');
  writeFileSync(file, `${settings}${LIGHT}${more}`, { mode: 0o600 });
  const { config } = readConfigFile(file);
  const clock = steppedClock(START);
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock });
  const facility = await openFacility(config, { database: 'create', clock });
  onTestFinished(() => facility.close());
  const directory = await facility.directory();

  return {
    folder,
    clock,
    facility,
    async addUser(name, password = PASSWORD) {
      const added = await directory.addUser(ADMIN, {
        name,
        password: { kind: 'given', password, thereafter: 'stays' },
      });
      if (added.kind === 'refused') throw new Error(added.text);
      return added.user;
    },
    async require(...names) {
      const ids = await Promise.all(names.map(async (name) => (await directory.find(name))?.id));
      const selection = { kind: 'users', ids: ids.filter((id) => id !== undefined) } as const;
      const outcome = await directory.requireTwoFactor(ADMIN, { selection, from: null });
      if (outcome.kind === 'refused') throw new Error(outcome.text);
    },
    converse: (options = {}, verifyPassword) => beginLogin(loginDeps(facility, { verifyPassword }), options),
  };
}

export function steppedClock(start: number): SteppedClock {
  let at = start;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
    set: (epochMs) => {
      at = epochMs;
    },
  };
}

export type Answers = Readonly<Partial<Record<Ask['field'], string | (() => string)>>>;

/** Plays a login to its end, each question answered by its field; every message on the way. */
export async function logOn(
  conversation: Conversation,
  answers: Answers | ((ask: Ask) => string),
): Promise<readonly Message[]> {
  const said: Message[] = [...(await conversation.start())];
  for (let turn = 0; turn < 50; turn += 1) {
    const last = said.at(-1);
    if (last?.type !== 'ask') return said;
    const reply = typeof answers === 'function' ? answers(last) : answers[last.field];
    const value = typeof reply === 'function' ? reply() : reply;
    said.push(...(value === undefined ? await conversation.cancel() : await conversation.answer(last.id, value)));
  }
  throw new Error('the login did not end');
}

export function doneOf(said: readonly Message[]): Done {
  const last = said.at(-1);
  if (last?.type !== 'done') throw new Error('the login did not end');
  return last;
}

export function noticesOf(said: readonly Message[]): readonly string[] {
  return said.flatMap((message) => (message.type === 'notice' ? [message.text] : []));
}
