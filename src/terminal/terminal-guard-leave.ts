/**
 * Invariant: however `gatehouse` ends, the terminal is sane and nothing typed before is left in it. The launcher turned echo
 * and signals off, and Node puts back what it found, so sanity is made here, last, and kept from Node's own exit.
 */
import { closeSync, existsSync } from 'node:fs';
import { EXIT_STATUS } from '../core/errors.ts';
import { isTerminal } from './is-terminal.ts';
import { dropTypeAhead, openAgain } from './terminal-guard-drain.ts';

/** Makes every way out of this process leave the terminal on stdin sane. For the command alone: it closes descriptors 0 to 2. */
export function leaveTerminalAtExit(): void {
  // Where nobody else means anything by them, they end the process as they would have, but through its exit.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.listenerCount(signal) === 1 && process.exit(EXIT_STATUS.cancelled));
  }
  process.on('exit', () => {
    leaveTerminal();
    // At exit Node sets terminals back to what it found, through these; a closed one it leaves alone.
    for (const fd of [0, 1, 2]) if (isTerminal(fd)) closeSync(fd);
  });
}

/** The terminal as the next program expects it: sane, and without type-ahead. For the moment before an exec or the exit. */
export function leaveTerminal(): void {
  if (left || !isTerminal(STDIN)) return;
  left = true;
  // Closing Node's handle restores echo off: before, not after, the terminal is made sane.
  process.stdin.destroy();
  makeSane();
  dropLastKeys();
}

const STDIN = 0;
let left = false;

/** The flags that the launcher sets, and echo and signals on; special characters stay as the person has them. */
const SANE = [
  ...['cread', '-ignbrk', 'brkint', '-inlcr', '-igncr', 'icrnl', '-ixoff', 'icanon', 'iexten'],
  ...['isig', 'echo', 'echoe', 'echok', '-echonl', '-noflsh', '-tostop', 'opost', '-ocrnl', 'onlcr'],
];

/** Sane flags, at once. */
export function makeSane(): void {
  setTerminal(SANE);
}

/** Sane, but for echo and signals, as the launcher leaves it. False where it could not be done. */
export function makeQuiet(): boolean {
  return setTerminal([...SANE, '-echo', '-isig']);
}

/** `stty` is not looked for by PATH: the person who logs on chooses that. */
function setTerminal(flags: readonly string[]): boolean {
  const stty = ['/usr/bin/stty', '/bin/stty'].find((path) => existsSync(path));
  return stty !== undefined && runWithOurs(stty, flags) === 0;
}

/**
 * Node made descriptors 0 to 2 non-blocking, which the next program would inherit and stumble over. In a child, libuv makes the
 * ones it hands over blocking again, and since they are shared, ours too.
 */
export function makeBlocking(): void {
  runWithOurs('/bin/sh', ['-c', ':']);
}

/** The exit status; null where it did not run to its end. */
function runWithOurs(file: string, args: readonly string[]): number | null {
  // Loaded now: the first prompt does not wait for it.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(file, args, { stdio: 'inherit', env: {} }).status;
}

/** What was typed until now; raw for a moment, for only then are half lines handed out. By a descriptor of its own. */
function dropLastKeys(): void {
  const fd = openAgain(STDIN);
  if (fd === undefined) return;
  try {
    const { ReadStream } = process.getBuiltinModule('node:tty');
    const terminal = new ReadStream(fd);
    terminal.setRawMode(true);
    dropTypeAhead(STDIN);
    terminal.setRawMode(false);
    terminal.destroy();
  } catch {
    // Hung up: nobody reads from it any more.
  }
}
