/** One finding of `gatehouse doctor`. */
import { toFault } from '../errors.ts';

export type CheckLevel = 'ok' | 'warn' | 'fail';
export type Check = { readonly name: string; readonly level: CheckLevel; readonly text: string };

export function ok(name: string, text: string): Check {
  return { name, level: 'ok', text };
}

export function warn(name: string, text: string): Check {
  return { name, level: 'warn', text };
}

export function fail(name: string, text: string): Check {
  return { name, level: 'fail', text };
}

/** What was thrown, and what to do about it. */
export function faultText(thrown: unknown): string {
  const { message, hint } = toFault(thrown);
  return hint === undefined ? message : `${message} ${hint}`;
}
