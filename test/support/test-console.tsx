/**
 * The console without a terminal: real directory, gate, audit trail; keys in, and the frame as text out. `until` waits for
 * what the screen shows, and the console's heart beats meanwhile as it does in the program: what one beat comes too early
 * for, because something else is being read, the next one sees.
 */
import { join } from 'node:path';
import { renderToString } from 'ink';
import { followConfig } from '../../src/core/node/live-config.ts';
import type { User } from '../../src/core/ports.ts';
import type { Role } from '../../src/core/user.ts';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { decodeKeys, type Key, NO_KEYS_YET, settleKeys } from '../../src/terminal/keys.ts';
import { App } from '../../src/tui/app.tsx';
import { type Console, createConsole } from '../../src/tui/console-store.ts';
import { lookOf } from '../../src/tui/look.ts';
import { openFacilityDesk } from '../../src/tui/open-facility-desk.ts';
import type { Size } from '../../src/tui/panel.ts';
import { ADMIN, PASSWORD, type TemporaryFacility, temporaryFacility } from './temporary-facility.ts';
import { recordsOf } from './trail-records.ts';

export type TestConsole = TemporaryFacility & {
  readonly console: Console;
  /** Bytes as a terminal sends them, all in one piece. */
  type(bytes: string): void;
  /** The frame without SGR sequences, rows without trailing blanks. */
  screen(): string;
  until(wanted: RegExp): Promise<string>;
  /** Name, password, Enter; and on to the users. */
  signIn(name: string): Promise<void>;
  user(name: string): Promise<User>;
  /** Events of the audit trail about this user, oldest first. */
  events(name: string): Promise<readonly string[]>;
  readonly left: Promise<number>;
};

export type TestPerson = {
  readonly name: string;
  readonly role?: Role;
  readonly group?: string;
  readonly display?: string;
};

export async function testConsole(from: {
  readonly people: readonly TestPerson[];
  readonly settings?: string;
  readonly size?: Size;
  readonly environment?: Readonly<Record<string, string>>;
  /** What Ink reads, where a test has an Ink with an input. */
  readonly typeIntoInk?: (text: string) => void;
}): Promise<TestConsole> {
  const { people, settings, size = { columns: 80, rows: 24 }, environment = {} } = from;
  const temporary = await temporaryFacility(settings);
  const { facility, clock } = temporary;
  const directory = await facility.directory();
  for (const { name, ...more } of people) {
    const password = { kind: 'given', password: PASSWORD, thereafter: 'stays' } as const;
    const added = await directory.addUser(ADMIN, { name, password, ...more });
    if (added.kind === 'refused') throw new Error(added.text);
  }
  const configFile = join(temporary.folder, 'config.ini');
  const live = followConfig(configFile, facility.config);
  const { promise: left, resolve: onLeave } = Promise.withResolvers<number>();
  const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment };
  const capabilities = () => {
    const { columns, rows } = console.store.getState().size;
    return terminalCapabilities({ env, output: { isTTY: true, columns, rows }, colour: 'auto' });
  };
  const console: Console = createConsole({
    directory,
    gate: { begin: (begin) => temporary.converse(begin) },
    clock,
    config: live.now,
    look: () => lookOf(capabilities(), live.now().terminal.qr),
    recentActivity: async (user, limit) => (await recordsOf(facility.trail, { user, limit })).reverse(),
    facility: openFacilityDesk({ facility, configFile, live }),
    typeIntoInk: from.typeIntoInk ?? (() => undefined),
    size,
    onLeave,
    onRedraw() {},
  });
  console.start();

  function screen(): string {
    const { columns } = console.store.getState().size;
    const frame = renderToString(<App console={console} />, { columns });
    console.wasRead(console.question());
    return frame
      .replace(/\x1b\[[\d;]*m/g, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }

  async function until(wanted: RegExp): Promise<string> {
    const patience = Date.now() + PATIENCE_MS;
    for (let polls = 1; ; polls += 1) {
      const shown = screen();
      if (wanted.test(shown)) return shown;
      if (Date.now() > patience) throw new Error(`never saw ${wanted}; the screen says:\n${shown}`);
      if (polls % POLLS_A_BEAT === 0) await console.tick();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  function type(bytes: string): void {
    console.press(keysOf(bytes));
  }

  return {
    ...temporary,
    console,
    type,
    screen,
    until,
    async signIn(name) {
      await until(/User name/);
      type(`${name}\r`);
      await until(/Password/);
      type(`${PASSWORD}\r`);
      await until(/\((admin|helpdesk|auditor)\)/);
      while (!/Gatehouse . Users/.test(screen())) type('\t');
      await until(/\d+ users?/);
    },
    async user(name) {
      const user = await directory.find(name);
      if (user === undefined) throw new Error(`no user ${name}`);
      return user;
    },
    async events(name) {
      return (await recordsOf(facility.trail, { user: name })).map((record) => record.event);
    },
    left,
  };
}

export function keysOf(bytes: string): readonly Key[] {
  const decoded = decodeKeys(NO_KEYS_YET, new TextEncoder().encode(bytes));
  return [...decoded.keys, ...settleKeys(decoded.state).keys];
}

/** Only for what never comes. */
const PATIENCE_MS = 40_000;
const POLLS_A_BEAT = 40;
