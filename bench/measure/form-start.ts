/** When the full-screen form can be seen and typed into, and when Ink has taken it over, beside the end of a Node that does nothing. */
import { figureOf, timesTheLimit } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { startInTerminal } from '../terminal.ts';
import { bareNode } from './first-prompt.ts';

export const formStart: Measurement = {
  name: 'form-start',
  about:
    'Spawn in a pseudo-terminal to the first frame of the full-screen form, which takes keys from then on, and to the first frame that Ink draws; limit: as for first-prompt.',
  async measure(bench) {
    const { configFile } = await bench.facilities.ofUsers(1000);
    const samples = await sideBySide(bench.effort, ROUNDS, {
      bare: () => bareNode(bench, TERMINAL),
      frame: () => formShows(bench, configFile, FIRST_FRAME),
      ink: () => formShows(bench, configFile, INK_FRAME),
    });
    const limit = { name: 'node -e 0', samples: samples.bare };
    return [
      figureOf({ name: 'first frame, form', unit: 'ms', samples: samples.frame, limit, goal: timesTheLimit(1.3) }),
      figureOf({ name: 'Ink live, form', unit: 'ms', samples: samples.ink, limit, goal: timesTheLimit(3) }),
    ];
  },
};

const ROUNDS: Rounds = { full: 40, quick: 10, seconds: { full: 30, quick: 2 } };
const TERMINAL = 'xterm-256color';

const FIRST_FRAME = /User name/;
/** Ink wraps what it draws into a synchronised update; the plain frames before it do not. */
const INK_FRAME = /\x1b\[\?2026h[\s\S]*User name/;

async function formShows({ programs }: Bench, configFile: string, wanted: RegExp): Promise<number> {
  const { launcher, environment } = programs;
  const args = ['--config', configFile, 'login', '--front-end', 'ink'];
  const gate = startInTerminal({ file: launcher, args, environment, folder: environment.HOME, terminal: TERMINAL });
  try {
    return await gate.shows(wanted);
  } finally {
    await gate.kill();
  }
}
