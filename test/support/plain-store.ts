/**
 * The store for tests that are not about who does something, or about what a login stands on: everything is done by `test`, each claim is that of
 * the user as he is now, and a right code grants. Records go to the audit table, on every engine.
 */

import { counterOwner } from '../../src/core/lockout.ts';
import { createJournal } from '../../src/core/node/audit-journal.ts';
import type {
  CodeClaim,
  GrantProof,
  LoginClaim,
  LoginWrites,
  PasswordSettled,
  Store,
  StoreReads,
  StoreWrites,
} from '../../src/core/ports.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import type { UserId } from '../../src/core/user.ts';
import { RULES } from '../store-contract/people.ts';

type Rules = Parameters<LoginWrites['settlePassword']>[0]['rules'];
type OfUser = { readonly userId: UserId; readonly rules: Rules };

/** As `CodeClaim`, but that a void claim is like a pairing that is gone. */
type PlainClaim = Exclude<CodeClaim, { kind: 'void' | 'claimed' }> | { readonly kind: 'claimed' };

export type PlainStore = StoreReads &
  Omit<StoreWrites, keyof LoginWrites> & {
    settlePassword(attempt: {
      readonly counter: string;
      readonly known: boolean;
      readonly right: boolean;
      readonly rules: Rules;
    }): Promise<PasswordSettled>;
    rehashPassword: LoginWrites['rehashPassword'];
    issuePairing(
      issue: Omit<Parameters<LoginWrites['issuePairing']>[0], 'claim' | 'rules'> & { readonly userId: UserId },
    ): Promise<'issued' | 'changed'>;
    claimTimeStep(attempt: OfUser & { readonly pairingId: string; readonly step: number | null }): Promise<PlainClaim>;
    consumeRecoveryCode(attempt: OfUser & { readonly codeId: string | null }): Promise<PlainClaim>;
    consumeOneTimeCode(attempt: OfUser & { readonly codeId: string | null }): Promise<PlainClaim>;
    recordPasswordOnlyLogin(
      login: { readonly userId: UserId } & Omit<Extract<GrantProof, { by: 'password' }>, 'by'>,
    ): Promise<'recorded' | 'refused'>;
    /** The store itself. */
    readonly whole: Store;
    close(): Promise<void>;
  };

export async function openPlainStore(engine: SqlEngine): Promise<PlainStore> {
  return plainStore(await openSqlStore(engine, testJournal()));
}

export function testJournal() {
  return createJournal({ key: Buffer.alloc(32, 7), trail: { kind: 'table', folder: '/nowhere/audit', host: 'test' } });
}

export function plainStore(whole: Store): PlainStore {
  const store = whole.by({ actor: 'test' });
  const attemptOf = async ({ userId, rules }: OfUser) => ({
    claim: await claimOf(store, userId),
    rules,
    grant: { event: 'login.granted', detail: 'test' } as const,
  });
  return {
    ...store,
    whole,
    close: whole.close,
    settlePassword: ({ counter, known, ...attempt }) =>
      store.settlePassword({
        ...attempt,
        counter,
        user: known ? { id: counterOwner(counter), name: 'somebody', disabled: false } : undefined,
      }),
    async issuePairing({ userId, ...issue }) {
      const outcome = await store.issuePairing({ ...issue, claim: await claimOf(store, userId), rules: RULES });
      return outcome === 'issued' ? 'issued' : 'changed';
    },
    claimTimeStep: async ({ pairingId, step, ...attempt }) =>
      plainClaim(await store.claimTimeStep({ ...(await attemptOf(attempt)), pairingId, step, window: 1 })),
    consumeRecoveryCode: async ({ codeId, ...attempt }) =>
      plainClaim(await store.consumeRecoveryCode({ ...(await attemptOf(attempt)), codeId })),
    consumeOneTimeCode: async ({ codeId, ...attempt }) =>
      plainClaim(await store.consumeOneTimeCode({ ...(await attemptOf(attempt)), codeId })),
    async recordPasswordOnlyLogin({ userId, twoFactorRequired }) {
      const outcome = await store.grant({
        claim: await claimOf(store, userId),
        proof: { by: 'password', twoFactorRequired },
        grant: { event: 'login.granted', detail: 'password' },
      });
      return outcome.kind === 'granted' ? 'recorded' : 'refused';
    },
  };
}

/** What a login of this user would stand on now. */
export async function claimOf(store: StoreReads, userId: UserId): Promise<LoginClaim> {
  const user = await store.userById(userId);
  if (user === undefined) return { userId, passwordVersion: 0, epoch: '' };
  const { epoch } = await store.findUser(user.nameKey);
  return { userId, passwordVersion: user.passwordVersion, epoch };
}

function plainClaim(claim: CodeClaim): PlainClaim {
  if (claim.kind === 'void') return { kind: 'pairing-gone' };
  return claim.kind === 'claimed' ? { kind: 'claimed' } : claim;
}
