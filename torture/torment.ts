/** What a torment is. A new one is a file in one of the folders here and a line in `torments.ts`. */
import type { Random } from './random.ts';

export type Torment = {
  /** What `--only` takes. */
  readonly name: string;
  /** One sentence for the report: what is done to whom, and what has to hold. */
  readonly about: string;
  /** Which of the counts the goals are about. */
  readonly counted: string;
  readonly goals: Readonly<Record<'short' | 'long', number>>;
  /** A sentence where this system lacks what the torment needs. */
  readonly missing?: () => string | undefined;
  /** `folder` is empty and its own. */
  open(folder: string): Promise<Victim>;
};

export type Victim = {
  /** One round; everything random in it comes out of `random`. Throws an Error that tells what was lost, let in or fell over. */
  round(random: Random): Promise<Counts>;
  close(): Promise<void>;
};

/** By what is counted: "kill points", "acknowledged writes". */
export type Counts = Readonly<Record<string, number>>;

export function added(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [what, count] of Object.entries(other)) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}
