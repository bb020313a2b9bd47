/**
 * The console on a terminal. Invariants: the terminal is put back on every way out; there is one exit, the promise that this returns;
 * after it nothing of the console runs on, no timer and no listener.
 */
import type { ReadStream } from 'node:tty';
import type { Config } from '../core/config/model.ts';
import { readAuditTrail } from '../core/node/audit-read.ts';
import type { Facility } from '../core/node/facility.ts';
import { type TerminalEnvironment, terminalCapabilities } from '../terminal/capabilities.ts';
import { type InkScreen, showInk } from '../terminal/ink-screen.ts';
import { readKeys } from '../terminal/keys-reader.ts';
import { openScreen } from '../terminal/screen.ts';
import { guardTerminal } from '../terminal/terminal-guard.ts';
import { App } from './app.tsx';
import type { ConsoleParts } from './console-state.ts';
import { createConsole } from './console-store.ts';
import type { Activity } from './desk.ts';
import { lookOf } from './look.ts';

export type ConsoleTerminal = {
  readonly input: ReadStream;
  /** Descriptor of `input`. */
  readonly fd: number;
  readonly output: NodeJS.WriteStream;
  readonly environment: TerminalEnvironment;
};

/** Resolves to the exit status: 0 left, 130 given up or ended by a signal, 77 the terminal is gone. */
export async function openConsole(from: {
  readonly facility: Pick<Facility, 'config' | 'audit' | 'clock' | 'directory'>;
  readonly gate: ConsoleParts['gate'];
  readonly terminal: ConsoleTerminal;
  /** The configuration in force now, where it can change while the console is open. */
  readonly config?: () => Config;
  /** Who signs in, where that is known. */
  readonly user?: string;
}): Promise<number> {
  const { facility, terminal } = from;
  const { input, output } = terminal;
  const config = from.config ?? (() => facility.config);
  const directory = await facility.directory();
  const { promise: over, resolve: end } = Promise.withResolvers<number>();
  const size = () => ({ columns: capabilities().columns, rows: capabilities().rows });
  const capabilities = () =>
    terminalCapabilities({ env: terminal.environment, output, colour: config().terminal.colour });

  const console = createConsole({
    directory,
    gate: from.gate,
    audit: facility.audit,
    clock: facility.clock,
    config,
    look: () => lookOf(capabilities(), config().terminal.qr),
    recentActivity: (user, limit) => recentActivity(config().audit.path, user, limit),
    size: size(),
    onLeave: end,
    onRedraw: () => ink?.repaint(),
  });

  let ink: InkScreen | undefined;
  const screen = openScreen({ output, capabilities: capabilities() });
  const guard = guardTerminal({
    input,
    fd: terminal.fd,
    onEnd: (meaning) => console.leave(meaning === 'cancelled' ? 130 : 77),
    onContinued: () => ink?.repaint(),
  });
  const reader = readKeys(input, { keys: console.press, ended: () => console.leave(77) });
  const onResize = (): void => console.resize(size());
  output.on('resize', onResize);
  const heart = setInterval(() => void console.tick(), TICK_MS);
  try {
    console.start(from.user);
    ink = showInk({ tree: <App console={console} />, output, screen, onBroken: () => console.leave(70) });
    return await over;
  } finally {
    clearInterval(heart);
    output.off('resize', onResize);
    reader.stop();
    ink?.close();
    screen.close();
    guard.release();
  }
}

/** SPEC §5: what others change shows up within 2 s; a second until it is noticed, and the time to read it. */
const TICK_MS = 1000;

async function recentActivity(folder: string, user: string, limit: number): Promise<readonly Activity[]> {
  const records: Activity[] = [];
  for await (const record of readAuditTrail(folder, { user, limit })) records.push(record);
  return records.reverse();
}
