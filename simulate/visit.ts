/** One arrival at a terminal, from the first question to the verdict, in simulated time. */
import type { Done } from '../src/core/login/message.ts';
import type { Phones } from '../tools/demo-phones.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import { PATIENCE_MS, reactionTo } from './habits.ts';
import type { Person } from './hospital.ts';
import type { Server } from './server.ts';
import type { Counting } from './tally.ts';

export type Play = {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly phones: Phones;
  readonly server: Server;
  readonly counting: Counting;
};

export type Visitor = {
  readonly person: Person;
  /** What is typed as the user name; where it is not the person's, one refusal is enough to see it. */
  readonly name: string;
  /** Read out by the help desk. */
  readonly oneTimeCode: string | undefined;
};

/** Longer than any log-on may take. */
const AWAY_MS = 16 * 60_000;

export type Visited = {
  readonly done: Done;
  /** The line was too long: came away without an answer. */
  readonly lostPatience: boolean;
};

export async function visit(play: Play, visitor: Visitor): Promise<Visited> {
  const { agenda, chance, counting } = play;
  const { person, name, oneTimeCode } = visitor;
  const arrival = counting.arrive(agenda.now());
  const proofs = { seen: [] as string[] };
  const terminal = `${person.site.name}-${1 + Math.floor(chance.next() * 60)}`;
  const connection = play.server.connect({ user: name, terminal }, proofs);
  let said = await connection.start();
  let lostPatience = false;
  for (let asked = 0; ; asked += 1) {
    const last = said.at(-1);
    if (last?.type === 'done') {
      counting.settle(arrival, last, proofs.seen);
      return { done: last, lostPatience };
    }
    if (last?.type !== 'ask') throw new Error('A log-on neither asks nor ends.');
    const situation = { person, ask: last, shown: said, now: agenda.now(), oneTimeCode };
    const reaction = reactionTo(chance, play.phones, situation);
    if (reaction.does === 'leave') {
      await agenda.wait(AWAY_MS);
      said = await connection.timeOut();
      continue;
    }
    await agenda.wait(reaction.afterMs);
    if (reaction.does === 'cancel' || (asked > 0 && name !== person.name)) {
      said = await connection.cancel();
      continue;
    }
    const waiting = connection.answer(last, reaction.value);
    if (waiting.aheadMs > PATIENCE_MS) {
      await agenda.wait(PATIENCE_MS);
      arrival.waitedMs += PATIENCE_MS;
      lostPatience = true;
      said = await connection.cancel();
    } else {
      const reply = await waiting.reply();
      arrival.waitedMs += reply.waitedMs;
      said = reply.said;
    }
  }
}
