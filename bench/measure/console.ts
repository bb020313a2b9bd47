/**
 * The console with 100,000 users, at 80x24: from sign-in to the table, from a key to the frame that answers it, what a move of the cursor
 * sends, and what it all holds in memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { newUserId } from '../../src/core/directory/new-id.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { nameKey } from '../../src/core/user.ts';
import type { BenchFacility } from '../facilities.ts';
import { PASSWORD } from '../facilities.ts';
import { atMost, type Figure, figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { residentMegabytes } from '../resident-memory.ts';
import { quantile } from '../statistics.ts';
import { startInTerminal, type TerminalProgram } from '../terminal.ts';

export const console100k: Measurement = {
  name: 'console',
  about: 'The console with 100,000 users: table after sign-in, key to frame, bytes a cursor move, memory.',
  async measure(bench) {
    const facility = await bench.facilities.ofUsers(USERS);
    const admins = await addAdmins(facility);
    const sessions: Session[] = [];
    for (const name of admins.slice(0, SESSIONS[bench.effort])) sessions.push(await session(bench, facility, name));
    const of = (what: keyof Session) => sessions.map((one) => one[what]);
    const figures: readonly Figure[] = [
      figureOf({ name: 'console, table after sign-in', unit: 'ms', samples: of('tableMs'), goal: atMost(1000) }),
      figureOf({ name: 'console, key to frame moving, p95', unit: 'ms', samples: of('moveMs'), goal: atMost(16) }),
      figureOf({ name: 'console, key to frame searching, p95', unit: 'ms', samples: of('searchMs'), goal: atMost(33) }),
      figureOf({ name: 'console, sent for a cursor move', unit: 'bytes', samples: of('moveBytes'), goal: atMost(300) }),
      figureOf({ name: 'console, memory', unit: 'MB', samples: of('megabytes'), goal: atMost(220) }),
    ];
    return figures;
  },
};

const USERS = 100_000;
const SESSIONS = { full: 5, quick: 1 } as const;
const MOVES_A_TURN = { full: 15, quick: 8 } as const;

type Session = {
  readonly tableMs: number;
  readonly moveMs: number;
  readonly searchMs: number;
  readonly moveBytes: number;
  readonly megabytes: number;
};

/** With two-factor off: what is measured begins behind the log-on, and a code is good once in 30 seconds. */
async function addAdmins(facility: BenchFacility): Promise<readonly string[]> {
  const names = Array.from({ length: SESSIONS.full }, (_, index) => `bench-admin-${index}`);
  const opened = await openFacility(facility.config);
  try {
    await opened.store.by({}).addUsers(
      names.map((name) => ({
        ...{
          id: newUserId(systemRandom),
          name,
          nameKey: nameKey(name),
          display: 'Bench',
          group: 'bench',
          role: 'admin',
        },
        ...{ passwordHash: facility.passwordHash, mustChangePassword: false, passwordExpiresAt: null },
      })),
    );
  } finally {
    await opened.close();
  }
  return names;
}

async function session({ programs, effort }: Bench, { configFile }: BenchFacility, name: string): Promise<Session> {
  const { launcher, environment } = programs;
  const args = ['--config', configFile];
  const console = startInTerminal({
    file: launcher,
    args,
    environment,
    folder: environment.HOME,
    terminal: 'xterm-256color',
  });
  try {
    const tableMs = await toTable(console, name);
    const moves = await pressAll(
      console,
      [DOWN, UP, DOWN, UP].flatMap((key) => repeat(key, MOVES_A_TURN[effort])),
    );
    await press(console, '/');
    const searches = await pressAll(console, [...'employee number 0042', ...repeat('\x7f', 10), ...'ward-7']);
    await press(console, '\x1b');
    return {
      tableMs,
      moveMs: quantile(
        moves.map((one) => one.ms),
        0.95,
      ),
      searchMs: quantile(
        searches.map((one) => one.ms),
        0.95,
      ),
      moveBytes: quantile(
        moves.map((one) => one.bytes),
        0.5,
      ),
      megabytes: residentMegabytes(console.pid),
    };
  } finally {
    await console.kill();
  }
}

const DOWN = '\x1b[B';
const UP = '\x1b[A';

/** Milliseconds from the key that asks for the users to the first full frame of the table, whoever it is signed in as. */
async function toTable(console: TerminalProgram, name: string): Promise<number> {
  await console.shows(/User name/);
  console.type(`${name}\r`);
  await console.shows(/Password/);
  console.type(`${PASSWORD}\r`);
  await console.shows(/\(admin\)/);
  await quiet(console);
  console.forget();
  const begun = performance.now();
  console.type('\t');
  await console.shows(/\d{6} users/);
  const ms = performance.now() - begun;
  await quiet(console);
  return ms;
}

type Press = { readonly ms: number; readonly bytes: number };

async function pressAll(console: TerminalProgram, keys: readonly string[]): Promise<readonly Press[]> {
  const presses: Press[] = [];
  for (const key of keys) presses.push(await press(console, key));
  return presses;
}

/** Ink ends each frame with the end of a synchronized update (DECSET 2026). */
async function press(console: TerminalProgram, key: string): Promise<Press> {
  console.forget();
  const before = console.bytes();
  const begun = performance.now();
  console.type(key);
  await Promise.race([console.shows(/\x1b\[\?2026l/), tooLong(key)]);
  const ms = performance.now() - begun;
  await quiet(console);
  return { ms, bytes: console.bytes() - before };
}

/** Until nothing more comes: a person's next key is not there before. */
async function quiet(console: TerminalProgram): Promise<void> {
  for (let before = -1; before !== console.bytes(); ) {
    before = console.bytes();
    await pause(QUIET_MS);
  }
}

async function tooLong(key: string): Promise<never> {
  await pause(MOST_MS, undefined, { ref: false });
  throw new Error(`No frame came for the key ${JSON.stringify(key)}.`);
}

const QUIET_MS = 40;
const MOST_MS = 20_000;

function repeat(key: string, times: number): readonly string[] {
  return Array.from({ length: times }, () => key);
}
