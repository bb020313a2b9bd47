/** A parser under nonsense: a thousand inputs a round, each of which it has to take or refuse, in bounded time, without falling over. */
import type { Random } from '../random.ts';
import { added, type Counts, type Torment } from '../torment.ts';

export type Parser = {
  readonly name: string;
  readonly about: string;
  readonly goals?: Torment['goals'];
  /** Ready for inputs; `input` is the next one, `judge` parses it and says in a word what became of it. Throws where that is wrong. */
  open(): {
    input(random: Random): string;
    judge(input: string, random: Random): string;
  };
};

export function parserTorment({ name, about, goals = { short: 2000, long: 1_000_000 }, open }: Parser): Torment {
  return {
    name,
    about,
    counted: 'inputs',
    goals,
    async open() {
      const { input, judge } = open();
      return {
        async round(random) {
          let counts: Counts = {};
          for (let inputs = 0; inputs < INPUTS_A_ROUND; inputs += 1) {
            const text = input(random);
            const startedAt = performance.now();
            const verdict = judged(text, () => judge(text, random));
            const milliseconds = performance.now() - startedAt;
            if (milliseconds > SLOW_MS) throw new Error(`${milliseconds.toFixed(0)} ms for ${shown(text)}`);
            counts = added(counts, { inputs: 1, [verdict]: 1 });
          }
          return counts;
        },
        close: async () => undefined,
      };
    },
  };
}

const INPUTS_A_ROUND = 1000;
/** Far above what a loaded machine makes of a millisecond, far below what an input that is quadratic somewhere takes. */
const SLOW_MS = 5000;
const SHOWN_CHARACTERS = 600;

function judged(text: string, judge: () => string): string {
  try {
    return judge();
  } catch (thrown) {
    throw new Error(`${thrown instanceof Error ? thrown.message : String(thrown)}: ${shown(text)}`);
  }
}

function shown(text: string): string {
  const json = JSON.stringify(text);
  return json.length > SHOWN_CHARACTERS ? `${json.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)` : json;
}
