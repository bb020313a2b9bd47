/** Which of the gate's front ends a terminal gets, where nobody asked for a certain one (SPEC §4). */
import type { TerminalCapabilities } from './capabilities.ts';

export const FRONT_ENDS = ['ink', 'line', 'json'] as const;
export type FrontEnd = (typeof FRONT_ENDS)[number];

/**
 * The form needs this much. Less than 80x24, for a multiplexer's status line takes a row or two of it and a split window
 * more; the form draws the QR code by what is left.
 */
export const FORM_LEAST_SIZE = { columns: 60, rows: 16 } as const;

/**
 * `ink` where a person sits at a screen that can show it; else `line`, which works on everything. `json` only on request:
 * a host that speaks it says so. A requested form on something that is no screen becomes `line`.
 */
export function chooseFrontEnd(from: {
  readonly requested?: FrontEnd | undefined;
  /** Those that exist. `line` is taken where the choice is not among them. */
  readonly available: readonly FrontEnd[];
  readonly input: { readonly isTTY?: boolean | undefined };
  readonly capabilities: TerminalCapabilities;
}): FrontEnd {
  const { requested, available, capabilities } = from;
  if (requested === 'line' || requested === 'json') return available.includes(requested) ? requested : 'line';
  if (!available.includes('ink') || from.input.isTTY !== true || !capabilities.ansi) return 'line';
  return requested === 'ink' || suitsForm(capabilities) ? 'ink' : 'line';
}

/** SPEC §4: plain prompts for dumb, vt100, screen readers, no colour, 7-bit ASCII. */
function suitsForm(capabilities: TerminalCapabilities): boolean {
  return (
    capabilities.colour !== 'none' &&
    capabilities.unicode &&
    !capabilities.screenReader &&
    capabilities.columns >= FORM_LEAST_SIZE.columns &&
    capabilities.rows >= FORM_LEAST_SIZE.rows
  );
}
