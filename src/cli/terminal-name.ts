/** Where the person sits, as the audit trail names it. */
import { readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The terminal's device, for the audit trail. */
export function terminalName(): string {
  try {
    return isatty(STDIN) ? readlinkSync(`/proc/self/fd/${STDIN}`) : 'pipe';
  } catch {
    return 'terminal';
  }
}

const STDIN = 0;
