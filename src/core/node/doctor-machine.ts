/** What `doctor` says of the machine beneath a facility: its native code and its key file. */
import { dirname } from 'node:path';
import type { Config } from '../config/model.ts';
import { type Check, ok, warn } from './doctor-check.ts';
import { readKeyRing } from './key-file.ts';
import { nativeParts } from './native-check.ts';

type Asked = { readonly config: Config };

export async function nativeCheck({ config: { password } }: Asked): Promise<Check> {
  return ok('native', await nativeParts({ memoryMiB: password.argon2MemoryMiB, passes: password.argon2Passes }));
}

export async function keyCheck({ config: { store } }: Asked): Promise<Check> {
  const { sealing } = readKeyRing(store.keyFile);
  if (sealing.length > 1) return warn('key', 'A key rotation was interrupted. Run: gatehouse key rotate');
  const beside = store.engine !== 'postgres' && dirname(store.keyFile) === dirname(store.path);
  const advice = beside ? ' It is beside the database: never keep both in one backup.' : '';
  return ok('key', `Only this account can read the key file.${advice}`);
}
