/**
 * What a log-on costs the machine beside the password hash. A whole `gatehouse login` (launcher, Node, gate, password, code, audit) is counted
 * by the kernel, in a terminal with 1,000 users; from it are taken what a Node that does nothing costs, counted the same way, and
 * what one argon2id verification costs, counted in this process.
 */
import { verify } from '@node-rs/argon2';
import { accounted, ownCpuMs } from '../cpu-time.ts';
import { type BenchFacility, PASSWORD } from '../facilities.ts';
import { atMost, figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { median } from '../statistics.ts';
import { startInTerminal } from '../terminal.ts';

export const logOnCpu: Measurement = {
  name: 'log-on-cpu',
  about:
    'User and system time of a whole log-on by the line front end (name, password, code, granted), launcher included, with 1,000 users; limit: node -e 0 and one argon2id verification, which no such log-on can do without.',
  async measure(bench) {
    const facility = await bench.facilities.ofUsers(1000);
    const samples = await sideBySide(bench.effort, ROUNDS, {
      bare: () => bareNodeCpu(bench, facility),
      argon2: () => ownCpuMs(() => verify(facility.passwordHash, PASSWORD)),
      logOn: () => logOnCpuMs(bench, facility),
    });
    const unavoidable = samples.bare.map((ms, round) => ms + (samples.argon2[round] ?? 0));
    const limit = { name: 'node -e 0 + argon2id', samples: unavoidable };
    const rest = median(unavoidable);
    return [
      figureOf({ name: 'whole log-on, 1,000 users: CPU', unit: 'ms', samples: samples.logOn, limit }),
      figureOf({
        name: 'log-on, 1,000 users: CPU beside Node and argon2id',
        unit: 'ms',
        samples: samples.logOn.map((ms) => ms - rest),
        limit,
        goal: atMost(60),
      }),
    ];
  },
};

const ROUNDS: Rounds = { full: 40, quick: 12, seconds: { full: 60, quick: 9 } };

async function bareNodeCpu({ programs }: Bench, { folder }: BenchFacility): Promise<number> {
  const { node, environment } = programs;
  const { command, read } = accounted({ file: node, args: ['-e', '0'] }, folder);
  await startInTerminal({ ...command, environment, folder, terminal: 'vt100' }).ended();
  return read();
}

async function logOnCpuMs({ programs }: Bench, facility: BenchFacility): Promise<number> {
  const { launcher, environment } = programs;
  const { folder, configFile } = facility;
  const { command, read } = accounted({ file: launcher, args: ['--config', configFile, 'login'] }, folder);
  const user = facility.nextUser();
  const gate = startInTerminal({ ...command, environment, folder, terminal: 'vt100' });
  await gate.shows(/User name: $/);
  gate.type(`${user.name}\r`);
  await gate.shows(/Password: $/);
  gate.type(`${PASSWORD}\r`);
  await gate.shows(/Code: $/);
  gate.type(`${user.code()}\r`);
  const { status } = await gate.ended();
  if (status !== 0) throw new Error(`The log-on of ${user.name} ended with ${status}: ${gate.text()}`);
  return read();
}
