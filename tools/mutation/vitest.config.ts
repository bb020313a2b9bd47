/** Vitest as the mutation run starts it: with the sources instrumented, and each test repeated by the runner. */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { instrument } from './instrument.ts';
import type { Job } from './job.ts';

const job: Job = JSON.parse(readFileSync(process.env.MUTATION_JOB ?? '', 'utf8'));

export default defineConfig({
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform(source, id) {
        const firstId = job.files[id];
        return firstId === undefined ? undefined : { code: instrument(source, id, firstId), map: null };
      },
    },
  ],
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 20_000,
    maxWorkers: 1,
    pool: 'forks',
    runner: 'tools/mutation/runner.ts',
    reporters: [{}],
    dangerouslyIgnoreUnhandledErrors: true,
  },
});
