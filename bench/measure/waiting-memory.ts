/** What a gate holds while it waits for somebody: many terminals stand there all day. */
import { atMost, figureOf, timesTheLimit } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { settledMegabytes } from '../resident-memory.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { startInTerminal, type TerminalProgram } from '../terminal.ts';

export const waitingMemory: Measurement = {
  name: 'waiting-memory',
  about: 'Resident memory of a gate that waits at its first question; limit: the same Node with a readline prompt.',
  async measure(bench) {
    const { configFile } = await bench.facilities.ofUsers(1000);
    const login = ['--config', configFile, 'login', '--front-end'];
    const { launcher, node } = bench.programs;
    const samples = await sideBySide(bench.effort, ROUNDS, {
      readline: () => waiting(bench, { file: node, args: ['-e', READLINE], prompt: /User name: / }),
      line: () => waiting(bench, { file: launcher, args: [...login, 'line'], prompt: /User name: $/ }),
      ink: () => waiting(bench, { file: launcher, args: [...login, 'ink'], prompt: /User name/ }),
    });
    const limit = { name: 'node, readline prompt', samples: samples.readline };
    return [
      figureOf({
        name: 'memory, line gate waiting',
        unit: 'MB',
        samples: samples.line,
        limit,
        goal: timesTheLimit(1.2),
      }),
      figureOf({ name: 'memory, Ink gate waiting', unit: 'MB', samples: samples.ink, limit, goal: atMost(85) }),
    ];
  },
};

const ROUNDS: Rounds = { full: 15, quick: 2, seconds: { full: 40, quick: 2 } };

const READLINE = `const { createInterface } = require('node:readline');
const prompt = createInterface({ input: process.stdin, output: process.stdout });
prompt.setPrompt('User name: ');
prompt.prompt();`;

type Waiting = { readonly file: string; readonly args: readonly string[]; readonly prompt: RegExp };

async function waiting({ programs }: Bench, { file, args, prompt }: Waiting): Promise<number> {
  const { environment } = programs;
  const gate = startInTerminal({ file, args, environment, folder: environment.HOME, terminal: 'xterm-256color' });
  return measured(gate, async () => {
    await gate.shows(prompt);
    return settledMegabytes(gate.pid);
  });
}

async function measured(gate: TerminalProgram, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } finally {
    await gate.kill();
  }
}
