/**
 * Sees for itself what entitles a conversation to a grant: a time step, recovery or one-time code that the store said is used up by it, or a
 * log-on by password that the store wrote down. The report counts grants that had none of these.
 */
import type { LogOnStore } from '../src/core/ports.ts';

export type Proofs = { readonly seen: string[] };

export function witnessed(store: LogOnStore, { seen }: Proofs): LogOnStore {
  const noted = async <Claim extends { readonly kind: string }>(
    what: string,
    claim: Promise<Claim>,
  ): Promise<Claim> => {
    const outcome = await claim;
    if (outcome.kind === 'claimed') seen.push(what);
    return outcome;
  };
  return {
    ...store,
    claimTimeStep: (claim) => noted('password+totp', store.claimTimeStep(claim)),
    consumeRecoveryCode: (claim) => noted('password+recovery', store.consumeRecoveryCode(claim)),
    consumeOneTimeCode: (claim) => noted('password+one-time', store.consumeOneTimeCode(claim)),
    async recordPasswordOnlyLogOn(claim) {
      const outcome = await store.recordPasswordOnlyLogOn(claim);
      if (outcome === 'recorded') seen.push('password');
      return outcome;
    },
  };
}
