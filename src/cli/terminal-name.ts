/** Where the person sits, as the audit trail names it. */
import { readlinkSync } from 'node:fs';

/** The terminal's device, for the audit trail. */
export function terminalName(stdin: { readonly isTTY: boolean }): string {
  try {
    return stdin.isTTY ? readlinkSync('/proc/self/fd/0') : 'pipe';
  } catch {
    return 'terminal';
  }
}
