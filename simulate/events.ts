/** What happens on that day beside people coming to work: a roll-out, a stranger who guesses, a server that is down for a while. */

import { HOUR_MS, MINUTE_MS } from './day-plan.ts';
import type { Person } from './hospital.ts';
import { ADMIN } from './hospital-facility.ts';
import { type Play, visit } from './visit.ts';

export const ROLL_OUT_AT = 6 * HOUR_MS;
/** In the middle of the night shift's change. */
export const OUTAGE = { from: 22.5 * HOUR_MS, minutes: 6 } as const;
export const GUESSING = { from: 3 * HOUR_MS, guesses: 60, everyMs: 20_000 } as const;

/** Require 2FA for every site whose day it is; answers how many users were activated. */
export async function rollOut({ server }: Play, groups: readonly string[]): Promise<number> {
  const facility = server.facility();
  if (facility === undefined) return 0;
  const directory = await facility.directory();
  let activated = 0;
  for (const group of groups) {
    const outcome = await directory.requireTwoFactor(ADMIN, { selection: { kind: 'group', group }, from: null });
    if (outcome.kind === 'required') activated += outcome.activated;
  }
  return activated;
}

export async function outage({ agenda, server }: Play): Promise<void> {
  await server.stop();
  await agenda.wait(OUTAGE.minutes * MINUTE_MS);
  await server.start();
}

/** The victim's account, wrong passwords, at a terminal in the lobby: an arrival each. */
export async function guessing(play: Play, victim: Person): Promise<void> {
  const stranger: Person = { ...victim, forgetful: true, hasPhone: false };
  for (let guess = 0; guess < GUESSING.guesses; guess += 1) {
    await visit(play, { person: stranger, name: victim.name, oneTimeCode: undefined });
    await play.agenda.wait(GUESSING.everyMs);
  }
}
