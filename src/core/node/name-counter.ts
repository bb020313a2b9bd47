/**
 * The failure counter of a name that no user has. Somebody may have typed a password where the name is asked: such a name is
 * kept only as a keyed hash, which says nothing without the key file.
 */
import { createHmac } from 'node:crypto';
import type { NameKey } from '../user.ts';
import type { KeyRing } from './key-ring.ts';

export function nameCounter({ namesKey }: KeyRing, key: NameKey): string {
  return `name:${createHmac('sha256', namesKey).update(`gatehouse unknown name v1\n${key}`).digest('base64url')}`;
}
