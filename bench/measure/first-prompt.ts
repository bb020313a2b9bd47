/** How long a person looks at an empty line: spawn → first prompt, launcher included, beside the end of a Node that does nothing. */
import { figureOf, timesTheLimit } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { startInTerminal } from '../terminal.ts';

export const firstPrompt: Measurement = {
  name: 'first-prompt',
  about:
    'Spawn in a pseudo-terminal to the first prompt of the line front end, launcher included; limit: spawn of the same Node with -e 0, in such a terminal too, to its end.',
  async measure(bench) {
    const { configFile } = await bench.facilities.ofUsers(1000);
    const samples = await sideBySide(bench.effort, ROUNDS, {
      bare: () => bareNode(bench),
      prompt: () => promptOf(bench, bench.programs.launcher, configFile),
    });
    return [
      figureOf({
        name: 'first prompt, line front end',
        unit: 'ms',
        samples: samples.prompt,
        limit: { name: 'node -e 0', samples: samples.bare },
        goal: timesTheLimit(1.2),
      }),
    ];
  },
};

const ROUNDS: Rounds = { full: 60, quick: 20, seconds: { full: 30, quick: 3 } };

/** Milliseconds from the fork to the end of a Node that has nothing to do. */
export async function bareNode({ programs }: Bench, terminal = 'vt100'): Promise<number> {
  const { node, environment } = programs;
  const bare = startInTerminal({ file: node, args: ['-e', '0'], environment, folder: environment.HOME, terminal });
  const { ms, status } = await bare.ended();
  if (status !== 0) throw new Error(`node -e 0 ended with ${status}.`);
  return ms;
}

/** Milliseconds from the fork of `file`, which is one or the other `gatehouse`, to its first question. */
export async function promptOf({ programs }: Bench, file: string, configFile: string): Promise<number> {
  const { environment } = programs;
  const args = ['--config', configFile, 'login'];
  const gate = startInTerminal({ file, args, environment, folder: environment.HOME, terminal: 'vt100' });
  try {
    return await gate.shows(/User name: $/);
  } finally {
    await gate.kill();
  }
}
