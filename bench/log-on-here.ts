/** A log-on in this process, all but the password hash: a facility opened, name, password (believed), code, audit, all on the disk, closed. */
import { beginLogin } from '../src/core/login/begin-login.ts';
import { openFacility } from '../src/core/node/facility.ts';
import { loginWorld } from '../src/gate/login-world.ts';
import { type BenchFacility, PASSWORD } from './facilities.ts';

/** Throws where it ends without a grant. */
export async function logOnHere(made: BenchFacility): Promise<void> {
  const { name, code } = made.nextUser();
  const facility = await openFacility(made.config);
  try {
    const world = loginWorld(facility, async () => true);
    const conversation = beginLogin(world, { user: name });
    let [last] = (await conversation.start()).slice(-1);
    while (last?.type === 'ask') {
      const value = last.field === 'password' ? PASSWORD : code();
      [last] = (await conversation.answer(last.id, value)).slice(-1);
    }
    if (last?.type !== 'done' || last.outcome !== 'granted') throw new Error(`${name}: ${JSON.stringify(last)}`);
  } finally {
    await facility.close();
  }
}
