/** The single-file program's first prompt beside the launcher's: what it saves by having no shell before it, and pays for by being one file. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { bareNode, promptOf } from './first-prompt.ts';

export const standaloneStart: Measurement = {
  name: 'standalone-start',
  about:
    'Spawn to the first prompt of the line front end, of the executable that build:standalone makes; limits: the launcher to its prompt, and the same Node with -e 0 to its end.',
  async measure(bench) {
    const { configFile } = await bench.facilities.ofUsers(1000);
    const executable = builtFor(bench);
    const samples = await sideBySide(bench.effort, ROUNDS, {
      bare: () => bareNode(bench),
      launcher: () => promptOf(bench, bench.programs.launcher, configFile),
      standalone: () => promptOf(bench, executable, configFile),
    });
    const name = 'first prompt, single file';
    const figure = { unit: 'ms', samples: samples.standalone } as const;
    return [
      figureOf({ ...figure, name, limit: { name: 'by the launcher', samples: samples.launcher } }),
      figureOf({ ...figure, name: `${name}, beside Node`, limit: { name: 'node -e 0', samples: samples.bare } }),
    ];
  },
};

const ROUNDS: Rounds = { full: 60, quick: 20, seconds: { full: 40, quick: 4 } };

/** Path of the executable, among what the bench throws away at its end. */
function builtFor({ programs }: Bench): string {
  const executable = join(programs.environment.HOME, 'standalone', 'gatehouse');
  const words = ['tools/standalone/build.ts', '--out', executable];
  execFileSync(programs.node, words, { cwd: join(import.meta.dirname, '../..'), stdio: 'pipe' });
  return executable;
}
