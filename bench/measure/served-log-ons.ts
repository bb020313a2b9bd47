/**
 * How many log-ons a second one server does when 1, 8 or 32 come at once: the limit is what the machine hashes and does nothing else. Beside it what
 * one of them costs the server's processor time, which other work on the machine hardly moves.
 */
import { verify } from '@node-rs/argon2';
import { ownCpuMs } from '../cpu-time.ts';
import { type BenchFacility, PASSWORD } from '../facilities.ts';
import { atLeastTimesTheLimit, type Figure, figureOf, type Goal } from '../figure.ts';
import type { Measurement } from '../measurement.ts';
import { logOn, processCpuMs, type Served, serve, withCodeReady } from '../served.ts';
import { type Effort, type Rounds, sideBySide } from '../side-by-side.ts';

export const servedLogOns: Measurement = {
  name: 'served-log-ons',
  about:
    'Whole log-ons (password, code, store, audit) a second by one server with 1,000 users, 1, 8 and 32 at once; limit: argon2id verifications a second with the same parameters, as many at once.',
  async measure(bench) {
    const facility = await bench.facilities.ofUsers(1000);
    const server = await serve(bench, facility);
    try {
      const figures: Figure[] = [];
      for (const load of LOADS[bench.effort]) {
        figures.push(...(await measuredAt(load, { effort: bench.effort, facility, server })));
      }
      return figures;
    } finally {
      await server.stop();
    }
  },
};

type Load = { readonly atOnce: number; readonly aSample: number; readonly goal?: Goal };

/**
 * Samples under full load are so long that filling and emptying the line of those who wait takes little of the time. Each log-on has to be of
 * somebody whose code of this time was not used: there are 1,000.
 */
const LOADS: Readonly<Record<Effort, readonly Load[]>> = {
  full: [
    { atOnce: 1, aSample: 4 },
    { atOnce: 8, aSample: 16 },
    { atOnce: 32, aSample: 96, goal: atLeastTimesTheLimit(0.9) },
  ],
  quick: [{ atOnce: 32, aSample: 32, goal: atLeastTimesTheLimit(0.9) }],
};
const ROUNDS: Rounds = { full: 11, quick: 2, seconds: { full: 60, quick: 2 } };

async function measuredAt(
  { atOnce, aSample, goal }: Load,
  at: { readonly effort: Effort; readonly facility: BenchFacility; readonly server: Served },
): Promise<readonly Figure[]> {
  const { effort, facility, server } = at;
  const cpu = { argon2: [] as number[], served: [] as number[] };
  const hash = async () => void (await verify(facility.passwordHash, PASSWORD));
  const samples = await sideBySide(effort, ROUNDS, {
    async argon2() {
      let rate = 0;
      const ms = await ownCpuMs(async () => {
        rate = await perSecond(
          Array.from({ length: aSample }, () => hash),
          atOnce,
        );
      });
      cpu.argon2.push(ms / aSample);
      return rate;
    },
    async served() {
      const users = Array.from({ length: aSample }, () => withCodeReady(facility.nextUser()));
      const before = processCpuMs(server.pid);
      const rate = await perSecond(
        users.map((user) => () => logOn(server.socket, user)),
        atOnce,
      );
      cpu.served.push((processCpuMs(server.pid) - before) / aSample);
      return rate;
    },
  });
  const limit = `argon2id, ${atOnce} at once`;
  const rate = figureOf({
    name: `served log-ons, ${atOnce} at once`,
    unit: '/s',
    samples: samples.served,
    limit: { name: limit, samples: samples.argon2 },
    point: { curve: 'served-a-second', line: 'one server', x: atOnce },
    ...(goal === undefined ? {} : { goal }),
  });
  // A tick of the kernel is a hundredth of a second: only long samples tell what one log-on costs.
  if (goal === undefined) return [rate];
  const cost = figureOf({
    name: `served log-on, ${atOnce} at once: CPU of the server`,
    unit: 'ms',
    samples: cpu.served,
    limit: { name: limit, samples: cpu.argon2 },
  });
  return [rate, cost];
}

async function perSecond(works: readonly (() => Promise<void>)[], atOnce: number): Promise<number> {
  const line = works.values();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const work of line) await work();
    }),
  );
  return works.length / ((performance.now() - begun) / 1000);
}
