/**
 * Sees for itself what entitles a conversation to a grant: a time step, recovery or one-time code that the store said is used up by it, or a
 * login by password that the store wrote down. The report counts grants that had none of these.
 */
import type { LoginDeps } from '../src/core/login/world.ts';

export type Proofs = { readonly seen: string[] };

export function witnessed(store: LoginDeps['store'], { seen }: Proofs): LoginDeps['store'] {
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
    by(who) {
      const mine = store.by(who);
      return {
        ...mine,
        claimTimeStep: (claim) => noted('password+totp', mine.claimTimeStep(claim)),
        consumeRecoveryCode: (claim) => noted('password+recovery', mine.consumeRecoveryCode(claim)),
        consumeOneTimeCode: (claim) => noted('password+one-time', mine.consumeOneTimeCode(claim)),
        async grant(request) {
          const outcome = await mine.grant(request);
          if (outcome.kind === 'granted' && request.proof.by === 'password') seen.push('password');
          return outcome;
        },
      };
    },
  };
}
