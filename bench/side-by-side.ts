/**
 * Runs things in turn, A B B A: a machine that is busy for a while is so for all of them, and none of them always comes first. The first
 * round is not counted: files come from the disk then.
 */

export type Effort = 'full' | 'quick';

export type Rounds = {
  readonly full: number;
  readonly quick: number;
  /** A busy machine makes fewer rounds rather than a bench that nobody waits for; never fewer than `FEWEST`. */
  readonly seconds: { readonly full: number; readonly quick: number };
};

const FEWEST: Readonly<Record<Effort, number>> = { full: 9, quick: 3 };

/** The samples of each, in the order in which they were taken. */
export async function sideBySide<Name extends string>(
  effort: Effort,
  rounds: Rounds,
  things: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(things) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (const name of names) await things[name]();
  const end = performance.now() + rounds.seconds[effort] * 1000;
  for (let round = 0; round < rounds[effort]; round += 1) {
    if (round >= FEWEST[effort] && performance.now() > end) break;
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) samples[name].push(await things[name]());
  }
  return samples;
}
