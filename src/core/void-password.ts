/**
 * A password that is void until it is set again. It is stored as a hash of the usual form, so that checking it does the
 * usual work; no password is known whose argon2id ends in zeros alone, and none can be found. Unlike "no password" it
 * means that there was one.
 */
/** The salt says what it is to whoever looks for it: "gatehouse: void." */
const VOID_SALT = 'Z2F0ZWhvdXNlOiB2b2lkLg';
const ZEROS = 'A'.repeat(43);

/** `cost`: of the hashes in force, so that it is checked in the same time. */
export function voidPasswordHash(cost: { readonly memoryMiB: number; readonly passes: number }): string {
  const { memoryMiB, passes } = cost;
  return `$argon2id$v=19$m=${memoryMiB * 1024},t=${passes},p=1$${VOID_SALT}$${ZEROS}`;
}

export function isVoidPassword(hash: string | null): boolean {
  return hash?.endsWith(`$${VOID_SALT}$${ZEROS}`) === true;
}
