/** What `doctor` says of the store: whether it is whole, whether the key opens it, and whether it can be written. */
import { inert } from '../visible-text.ts';
import { type Check, fail, faultText, ok } from './doctor-check.ts';
import type { Facility } from './facility.ts';
import { checkSeals } from './seal-check.ts';

type Asked = { readonly facility: Facility; readonly actor: string };

export async function storeCheck({ facility: { store } }: Asked): Promise<Check> {
  const found = await store.integrity();
  return found.length === 1 && found[0] === 'ok'
    ? ok('store', 'The database is whole.')
    : fail(
        'store',
        `The database is damaged (${inert(found.slice(0, 3).join('; '))}). Restore a backup: gatehouse restore`,
      );
}

export async function secretsCheck({ facility }: Asked): Promise<Check> {
  const { opened, broken } = await checkSeals(facility);
  return broken === 0
    ? ok('secrets', `The key opens all ${opened} sealed values.`)
    : fail(
        'secrets',
        `${broken} sealed values do not open: they were changed, or another key file belongs to this database.`,
      );
}

/**
 * Writes as a login that is granted does: behind the same lock and the same wait, in one transaction with its audit record, synced. Nothing
 * less tells whether there is room: SQLite's log may have some left where a copy of the database has none, and what is rolled back
 * was never written. The record stays, for a trail has no way to take one back.
 */
export async function writeCheck({ facility: { store }, actor }: Asked): Promise<Check> {
  try {
    await store.by({ actor }).record({ event: 'facility.checked' });
    return ok('write', 'The database took a record and synced it, as for a login.');
  } catch (thrown) {
    return fail('write', `No one can log in: ${faultText(thrown)}`);
  }
}
