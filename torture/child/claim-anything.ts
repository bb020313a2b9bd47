/** Says `ready`, then claims what it is sent, and says how that ended: `claim-anything.ts ENGINE PATH`. */
import { openPlainStore } from '../../test/support/plain-store.ts';
import { idOf, RULES } from '../store/any-write.ts';
import { FILE_ENGINES, openFileEngine } from '../store/engines.ts';
import type { Claim } from '../store/same-code-races.ts';

const engine = FILE_ENGINES.find((name) => name === process.argv[2]) ?? 'sqljs';
const store = await openPlainStore(await openFileEngine({ engine, path: process.argv[3] ?? '' }));
const userId = idOf('alice');

process.on('message', async (claim: Claim) => process.send?.((await claimed(claim)).kind));
process.on('disconnect', () => process.exit());
process.send?.('ready');

function claimed(claim: Claim) {
  switch (claim.what) {
    case 'time step':
      return store.claimTimeStep({ userId, pairingId: 'p-alice', step: claim.step, rules: RULES });
    case 'recovery code':
      return store.consumeRecoveryCode({ userId, codeId: claim.codeId, rules: RULES });
    case 'one-time code':
      return store.consumeOneTimeCode({ userId, codeId: claim.codeId, rules: RULES });
  }
}
