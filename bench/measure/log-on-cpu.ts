/**
 * What a log-on costs the machine, in processor time. First its own work, in this process, where all code is loaded and warm: facility opened, name, code,
 * store and audit, and no argon2; that is what the goal is for. Then all of it: a `gatehouse login` in a terminal, with launcher, Node and everything that
 * a new process has to load and compile, counted by the kernel. Of that, sql.js alone takes longer than the goal, whatever is done with it.
 */
import { verify } from '@node-rs/argon2';
import { accounted, ownCpuMs } from '../cpu-time.ts';
import { type BenchFacility, PASSWORD } from '../facilities.ts';
import { atMost, figureOf } from '../figure.ts';
import { logOnHere } from '../log-on-here.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';
import { startInTerminal } from '../terminal.ts';

export const logOnCpu: Measurement = {
  name: 'log-on-cpu',
  about:
    'User and system time of a log-on (name, password, code, granted) with 1,000 users. Its own work, argon2id left out, where the code is loaded already; limit: one argon2id verification. And of a whole process of its own, launcher included; limit: node -e 0 and one argon2id verification, which no such process can do without.',
  async measure(bench) {
    const facility = await bench.facilities.ofUsers(1000);
    const samples = await sideBySide(bench.effort, ROUNDS, {
      bare: () => bareNodeCpu(bench, facility),
      argon2: () => ownCpuMs(() => verify(facility.passwordHash, PASSWORD)),
      work: () => ownCpuMs(() => logOnHere(facility)),
      process: () => logOnCpuMs(bench, facility),
    });
    const unavoidable = samples.bare.map((ms, round) => ms + (samples.argon2[round] ?? 0));
    return [
      figureOf({
        name: 'log-on, 1,000 users: CPU of all but argon2id',
        unit: 'ms',
        samples: samples.work,
        limit: { name: 'argon2id', samples: samples.argon2 },
        goal: atMost(60),
      }),
      figureOf({
        name: 'log-on, 1,000 users: CPU of a process of its own',
        unit: 'ms',
        samples: samples.process,
        limit: { name: 'node -e 0 + argon2id', samples: unavoidable },
      }),
      figureOf({
        name: 'log-on, 1,000 users: CPU of that process beyond them',
        unit: 'ms',
        samples: samples.process.map((ms, round) => ms - (unavoidable[round] ?? 0)),
      }),
    ];
  },
};

const ROUNDS: Rounds = { full: 40, quick: 12, seconds: { full: 40, quick: 2 } };

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
