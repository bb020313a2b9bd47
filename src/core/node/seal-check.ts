/** Whether the key file opens everything that is sealed in the store. */
import { bindingOf } from '../binding.ts';
import type { MaintenanceReads, SecretBox } from '../ports.ts';

export type SealCheck = { readonly keyId: string; readonly opened: number; readonly broken: number };

export async function checkSeals(facility: {
  readonly store: Pick<MaintenanceReads, 'sealedNotUnder'>;
  readonly secretBox: SecretBox;
}): Promise<SealCheck> {
  const { store, secretBox } = facility;
  let opened = 0;
  let broken = 0;
  for (const cell of await store.sealedNotUnder(NO_KEY, Number.MAX_SAFE_INTEGER)) {
    if (opens(() => secretBox.open(cell.envelope, bindingOf(cell)).fill(0))) opened += 1;
    else broken += 1;
  }
  return { keyId: secretBox.keyId, opened, broken };
}

/** Nothing is sealed under it, so all is "not under" it. */
const NO_KEY = '';

function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch {
    return false;
  }
}
