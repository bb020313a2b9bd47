/** The directory of a temporary facility, and short ways to what its tests look at. */

import type { Directory } from '../../../src/core/directory/directory.ts';
import type { Refusal } from '../../../src/core/directory/refusal.ts';
import type { User } from '../../../src/core/ports.ts';
import type { Actor } from '../../../src/core/roles.ts';
import { type TemporaryFacility, temporaryFacility } from '../../support/temporary-facility.ts';

export type DirectoryBench = TemporaryFacility & {
  readonly directory: Directory;
  /** `event user detail count` of each record. */
  trail(): Promise<readonly string[]>;
  /** The user as the store has it now. */
  user(name: string): Promise<User>;
};

export async function directoryBench(settings?: string, more?: string): Promise<DirectoryBench> {
  const bench = await temporaryFacility(settings, more);
  const directory = await bench.facility.directory();
  return {
    ...bench,
    directory,
    async trail() {
      const lines: string[] = [];
      for await (const { event, user, detail, count } of bench.facility.trail.read()) {
        lines.push([event, user, detail, count].filter((part) => part !== undefined).join(' '));
      }
      return lines;
    },
    async user(name) {
      const found = await directory.find(name);
      if (!found) throw new Error(`no user ${name}`);
      return found;
    },
  };
}

export const HELPDESK: Actor = { name: 'helen', role: 'helpdesk' };
export const AUDITOR: Actor = { name: 'audrey', role: 'auditor' };
export const CONSOLE_ADMIN: Actor = { name: 'root', role: 'admin' };

/** The outcome, which must not be a refusal. */
export function granted<Outcome extends { readonly kind: string }>(
  outcome: Outcome | Refusal,
): Exclude<Outcome, Refusal> {
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome));
  return outcome as Exclude<Outcome, Refusal>;
}

/** The code of an outcome that must be a refusal. */
export function refused(outcome: { readonly kind: string }): string {
  if (outcome.kind !== 'refused' || !('code' in outcome)) throw new Error(`not refused: ${outcome.kind}`);
  return String(outcome.code);
}
