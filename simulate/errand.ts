/** Somebody who has to get in: comes back after a refusal, calls the help desk, and gives up in the end. */

import type { Directory } from '../src/core/directory/directory.ts';
import type { Done } from '../src/core/login/message.ts';
import type { UserId } from '../src/core/user.ts';
import type { Person } from './hospital.ts';
import { HELPDESK } from './hospital-facility.ts';
import { type Play, visit } from './visit.ts';

const MOST_VISITS = 6;
/** After so many refusals one calls the help desk. */
const REFUSALS_BEFORE_CALL = 2;

export async function errand(play: Play, person: Person): Promise<void> {
  const { agenda, chance, counting } = play;
  let oneTimeCode: string | undefined;
  let refusals = 0;
  for (let visits = 0; visits < MOST_VISITS; visits += 1) {
    const name = visits === 0 && chance.happens(0.01) ? `${person.name}x` : person.name;
    const { done, lostPatience } = await visit(play, { person, name, oneTimeCode });
    if (done.outcome === 'granted') {
      await perhapsAtAnotherTerminal(play, person);
      return;
    }
    const isStuck = done.outcome === 'cancelled' && name === person.name && !lostPatience;
    if (done.outcome === 'denied' || isStuck) refusals += 1;
    if (refusals >= REFUSALS_BEFORE_CALL && person.begins !== 'left') {
      oneTimeCode = await callHelpDesk(play, person);
      refusals = 0;
    } else {
      await agenda.wait(lostPatience ? chance.between(2, 10) * 60_000 : pauseMs(play, done));
    }
  }
  counting.giveUp();
}

/** As long as the program says where it says so, else a minute or less; in an outage a few minutes. */
function pauseMs({ chance }: Play, done: Done): number {
  if (done.outcome === 'unavailable') return chance.between(30_000, 180_000);
  const told = 'retryAfterSeconds' in done ? (done.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.min(told, 15 * 60_000) + chance.between(10_000, 60_000);
}

/** Some log on at the next terminal right away, and type the code that their phone still shows. */
async function perhapsAtAnotherTerminal(play: Play, person: Person): Promise<void> {
  if (!play.chance.happens(0.01)) return;
  await play.agenda.wait(play.chance.between(2000, 10_000));
  await visit(play, { person, name: person.name, oneTimeCode: undefined });
}

/**
 * Unlocks, has the password remembered and the phone's clock set right; for whoever has no phone or cannot pair, a one-time code. In
 * an outage the help desk can do nothing either.
 */
async function callHelpDesk(play: Play, person: Person): Promise<string | undefined> {
  const { agenda, chance, server, counting } = play;
  await agenda.wait(chance.between(3, 12) * 60_000);
  const facility = server.facility();
  if (facility === undefined) return undefined;
  const directory = await facility.directory();
  const user = await directory.find(person.name);
  if (user === undefined) return undefined;
  await directory.unlockUser(HELPDESK, user.id);
  person.forgetful = false;
  person.driftMs = 0;
  const code = await oneTimeCodeFor(directory, user.id);
  counting.call(code === undefined ? 'unlocked' : 'unlocked, one-time code');
  return code;
}

async function oneTimeCodeFor(directory: Directory, id: UserId): Promise<string | undefined> {
  const made = await directory.makeOneTimeCode(HELPDESK, id);
  return made.kind === 'made' ? made.code : undefined;
}
