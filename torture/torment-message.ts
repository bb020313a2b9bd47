/** What goes between the runner and the process of a torment. */
import type { Counts } from './torment.ts';

/** How long is one of the three; without any, for ever. */
export type Assignment = {
  /** Of the first round; the next has the next number. */
  readonly seed: number;
  /** Empty, and gone afterwards. */
  readonly folder: string;
  readonly goal?: number | undefined;
  readonly seconds?: number | undefined;
  readonly rounds?: number | undefined;
};

export type Report =
  | { readonly kind: 'round'; readonly seed: number }
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'failure'; readonly seed: number; readonly text: string };

export function isAssignment(value: unknown): value is Assignment {
  return typeof value === 'object' && value !== null && 'seed' in value && 'folder' in value;
}

export function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
