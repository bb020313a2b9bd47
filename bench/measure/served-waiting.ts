/** What a server holds while 200 people look at its questions. */
import { atMost, figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { settledMegabytes } from '../resident-memory.ts';
import { serve, talk } from '../served.ts';

export const servedWaiting: Measurement = {
  name: 'served-waiting',
  about:
    'Resident memory of a server with 1,000 users while 200 conversations wait, 100 at the password and 100 at the code; limit: the same server alone.',
  async measure(bench) {
    const alone: number[] = [];
    const waiting: number[] = [];
    for (let round = 0; round < ROUNDS[bench.effort]; round += 1) {
      const { before, during } = await measured(bench);
      alone.push(before);
      waiting.push(during);
    }
    return [
      figureOf({
        name: 'memory, server with 200 waiting',
        unit: 'MB',
        samples: waiting,
        limit: { name: 'server alone', samples: alone },
        goal: atMost(200),
      }),
    ];
  },
};

const ROUNDS = { full: 5, quick: 1 } as const;
const CONVERSATIONS = 200;

async function measured(bench: Bench): Promise<{ readonly before: number; readonly during: number }> {
  const facility = await bench.facilities.ofUsers(1000);
  const server = await serve(bench, facility);
  try {
    const before = await settledMegabytes(server.pid);
    const talks = Array.from({ length: CONVERSATIONS }, () => talk(server.socket, facility.nextUser()));
    await Promise.all(talks.map((one, index) => one.until(index % 2 === 0 ? 'password' : 'code')));
    const during = await settledMegabytes(server.pid);
    for (const one of talks) one.close();
    return { before, during };
  } finally {
    await server.stop();
  }
}
