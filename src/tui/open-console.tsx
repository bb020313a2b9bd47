/**
 * The console on a terminal. Invariants: the terminal is put back on every way out; there is one exit, the promise that this returns;
 * after it nothing of the console runs on, no timer and no listener.
 */
import type { AuditTrail } from '../core/node/audit-trail.ts';
import type { Facility } from '../core/node/facility.ts';
import { followConfig, liveFacility } from '../core/node/live-config.ts';
import { App } from './app.tsx';
import type { ConsoleParts } from './console-state.ts';
import { createConsole } from './console-store.ts';
import type { Activity } from './desk.ts';
import { lookOf } from './look.ts';
import { openFacilityDesk } from './open-facility-desk.ts';
import { type ConsoleTerminal, openSession, type TerminalSession } from './terminal-session.ts';

export type { ConsoleTerminal } from './terminal-session.ts';

type Shown = {
  readonly facility: Facility;
  /** Of the facility that it is given, whose configuration is the one in force at each log-on. */
  readonly gateOf: (facility: Facility) => ConsoleParts['gate'];
  /** Path of the config.ini that the facility was opened by. */
  readonly configFile: string;
  /** Who signs in, where that is known. */
  readonly user?: string;
};

/** Resolves to the exit status: 0 left, 130 given up or ended by a signal, 77 the terminal is gone. */
export async function openConsole(from: Shown & { readonly terminal: ConsoleTerminal }): Promise<number> {
  const session = openSession(from.terminal);
  try {
    return await showConsole(session, from);
  } finally {
    session.close();
  }
}

/** The same on a terminal that is the console's already. */
export async function showConsole(session: TerminalSession, from: Shown): Promise<number> {
  const live = followConfig(from.configFile, from.facility.config);
  const facility = liveFacility(from.facility, live.now);
  const { promise: over, resolve: end } = Promise.withResolvers<number>();
  const console = createConsole({
    directory: await facility.directory(),
    gate: from.gateOf(facility),
    clock: facility.clock,
    config: live.now,
    look: () => lookOf(session.capabilities(live.now().terminal.colour), live.now().terminal.qr),
    recentActivity: (user, limit) => recentActivity(facility.trail, user, limit),
    facility: openFacilityDesk({ facility, configFile: from.configFile, live }),
    typeIntoInk: session.typeIntoInk,
    size: session.size(),
    onLeave: end,
    onRedraw: session.repaint,
  });
  console.start(from.user);
  const close = session.show({
    tree: <App console={console} />,
    question: console.question,
    wasRead: console.wasRead,
    press: console.press,
    resize: console.resize,
    tick() {
      live.poll();
      void console.tick();
    },
    leave: console.leave,
  });
  try {
    return await over;
  } finally {
    close();
  }
}

async function recentActivity(trail: AuditTrail, user: string, limit: number): Promise<readonly Activity[]> {
  const records: Activity[] = [];
  for await (const record of trail.read({ user, limit })) records.push(record);
  return records.reverse();
}
