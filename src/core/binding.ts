/**
 * What each sealed value is bound to: its table, its user and its row. A sealed value that was moved to another place does
 * not open there (ACCEPTANCE C24). All bindings are named here and nowhere else: changing one makes what was sealed unreadable.
 */
import { Fault } from './errors.ts';
import type { SealedCell } from './ports.ts';
import type { UserId } from './user.ts';

export type SealedTable = SealedCell['table'];

export type SealedPlace = { readonly table: SealedTable; readonly userId: UserId; readonly rowId: string };

/** `gatehouse:<table>:<user id>:<row id>`. Throws a Fault for an id that could make two places look the same. */
export function bindingOf({ table, userId, rowId }: SealedPlace): string {
  for (const id of [userId, rowId]) {
    if (!/^[0-9A-Za-z_-]{1,64}$/.test(id))
      throw new Fault('unavailable', 'A record in the store has an id that is none.');
  }
  return `gatehouse:${table}:${userId}:${rowId}`;
}

/** A user's secret. */
export function pairingBinding(userId: UserId, pairingId: string): string {
  return bindingOf({ table: 'pairing', userId, rowId: pairingId });
}
