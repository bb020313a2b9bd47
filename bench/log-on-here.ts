/** A log-on in this process, all but the password hash: name, password (believed), code, audit, all on the disk. */
import { beginLogin } from '../src/core/login/begin-login.ts';
import { type Facility, openFacility } from '../src/core/node/facility.ts';
import { loginDeps } from '../src/gate/login-world.ts';
import { type BenchFacility, PASSWORD } from './facilities.ts';

/** As a gate does that is a process of its own: the facility is opened before, closed behind. Throws where it ends without a grant. */
export async function logOnHere(made: BenchFacility): Promise<void> {
  const facility = await openFacility(made.config);
  try {
    await logOnIn(facility, made);
  } finally {
    await facility.close();
  }
}

/** As a server does, whose facility stays open. Throws where it ends without a grant. */
export async function logOnIn(facility: Facility, made: BenchFacility): Promise<void> {
  const { name, code } = made.nextUser();
  const conversation = beginLogin(loginDeps(facility, { verifyPassword: async () => true }), { user: name });
  let [last] = (await conversation.start()).slice(-1);
  while (last?.type === 'ask') {
    const value = last.field === 'password' ? PASSWORD : code();
    [last] = (await conversation.answer(last.id, value)).slice(-1);
  }
  if (last?.type !== 'done' || last.outcome !== 'granted') throw new Error(`${name}: ${JSON.stringify(last)}`);
}
