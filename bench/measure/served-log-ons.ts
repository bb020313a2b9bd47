/**
 * How many log-ons a second one server does when 32 come at once: the limit is what the machine hashes and does nothing else. Beside it what
 * one of them costs the server's processor time, which other work on the machine hardly moves.
 */
import { verify } from '@node-rs/argon2';
import { ownCpuMs } from '../cpu-time.ts';
import { PASSWORD } from '../facilities.ts';
import { atLeastTimesTheLimit, figureOf } from '../figure.ts';
import type { Measurement } from '../measurement.ts';
import { logOn, processCpuMs, serve, withCodeReady } from '../served.ts';
import { type Effort, type Rounds, sideBySide } from '../side-by-side.ts';

export const servedLogOns: Measurement = {
  name: 'served-log-ons',
  about:
    'Whole log-ons (password, code, store, audit) a second by one server with 1,000 users, 32 at once; limit: argon2id verifications a second with the same parameters, 32 at once.',
  async measure(bench) {
    const facility = await bench.facilities.ofUsers(1000);
    const server = await serve(bench, facility);
    const count = A_SAMPLE[bench.effort];
    const cpu = { argon2: [] as number[], served: [] as number[] };
    const hash = async () => void (await verify(facility.passwordHash, PASSWORD));
    try {
      const samples = await sideBySide(bench.effort, ROUNDS, {
        async argon2() {
          let rate = 0;
          const ms = await ownCpuMs(async () => {
            rate = await perSecond(Array.from({ length: count }, () => hash));
          });
          cpu.argon2.push(ms / count);
          return rate;
        },
        async served() {
          const users = Array.from({ length: count }, () => withCodeReady(facility.nextUser()));
          const before = processCpuMs(server.pid);
          const rate = await perSecond(users.map((user) => () => logOn(server.socket, user)));
          cpu.served.push((processCpuMs(server.pid) - before) / count);
          return rate;
        },
      });
      return [
        figureOf({
          name: 'served log-ons, 32 at once',
          unit: '/s',
          samples: samples.served,
          limit: { name: 'argon2id, 32 at once', samples: samples.argon2 },
          goal: atLeastTimesTheLimit(0.9),
        }),
        figureOf({
          name: 'served log-on, 32 at once: CPU of the server',
          unit: 'ms',
          samples: cpu.served,
          limit: { name: 'argon2id, 32 at once', samples: cpu.argon2 },
        }),
      ];
    } finally {
      await server.stop();
    }
  },
};

const AT_ONCE = 32;
/** So many that filling and emptying the line of those who wait takes little of the time. */
const A_SAMPLE: Readonly<Record<Effort, number>> = { full: 96, quick: 32 };
/** Each log-on has to be of somebody whose code of this time was not used: there are 1,000. */
const ROUNDS: Rounds = { full: 11, quick: 2, seconds: { full: 60, quick: 5 } };

async function perSecond(works: readonly (() => Promise<void>)[]): Promise<number> {
  const line = works.values();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const work of line) await work();
    }),
  );
  return works.length / ((performance.now() - begun) / 1000);
}
