/** All accounts as CSV, in the form that import reads. Passwords and secrets are never in it. */
import { writeUsersCsv } from '../csv-users.ts';
import { type Actor, mayDo } from '../roles.ts';
import { type DirectoryParts, notPermitted, storeOf } from './parts.ts';
import type { Refusal } from './refusal.ts';

export type Exported = { readonly kind: 'exported'; readonly csv: string; readonly count: number };

export async function exportUsers(parts: DirectoryParts, actor: Actor): Promise<Exported | Refusal> {
  if (!mayDo(actor, 'manage-users', undefined)) return notPermitted(actor);
  const users = await parts.store.users();
  await storeOf(parts, actor).record({ event: 'user.exported', count: users.length });
  const rows = users.map(({ name, display, group, role }) => ({ name, display, group, role, password: '' }));
  return { kind: 'exported', csv: writeUsersCsv(rows), count: users.length };
}
