/** A gate that the kernel kills between the count of a failure and its answer. */
import { beginLogin } from '../../../src/core/login/begin-login.ts';
import type { LoginDeps } from '../../../src/core/login/world.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { loginDeps } from '../../../src/gate/login-world.ts';

const [file = '', user = '', password = '', code = ''] = process.argv.slice(2);
const facility = await openFacility(readConfigFile(file).config);
const deps = loginDeps(facility);

const by: LoginDeps['store']['by'] = (who) => {
  const store = deps.store.by(who);
  return {
    ...store,
    settlePassword: (attempt) => dieIfRefused(store.settlePassword(attempt)),
    claimTimeStep: (attempt) => dieIfRefused(store.claimTimeStep(attempt)),
  };
};

async function dieIfRefused<Outcome extends { readonly kind: string }>(settled: Promise<Outcome>): Promise<Outcome> {
  const outcome = await settled;
  if (outcome.kind === 'refused') process.kill(process.pid, 'SIGKILL');
  return outcome;
}

const conversation = beginLogin({ ...deps, store: { ...deps.store, by } }, { user });
await conversation.start();
await conversation.answer(1, password);
await conversation.answer(2, code);
console.log('answered');
