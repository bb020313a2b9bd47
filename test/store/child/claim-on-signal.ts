/** Says `ready`, then claims each time step that it is sent, and says how that ended. */
import { idOf, RULES } from '../../store-contract/people.ts';
import { openChildStore } from './open-child-store.ts';

const rules = { ...RULES, codeFailures: 100_000, hardLimit: 100_000 };
const store = await openChildStore();
process.on('message', async (step: number) => {
  const outcome = await store.claimTimeStep({ userId: idOf('alice'), pairingId: 'p-alice', step, rules });
  process.send?.(outcome.kind);
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
