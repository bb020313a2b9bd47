/** `gatehouse serve` in front of a bench facility, and hosts that log people on at its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BenchFacility, type BenchUser, PASSWORD } from './facilities.ts';
import type { Bench } from './measurement.ts';

export type Served = { readonly pid: number; readonly socket: string; stop(): Promise<void> };

/** Resolves when it answers. */
export async function serve({ programs }: Bench, { folder }: BenchFacility): Promise<Served> {
  const configFile = join(folder, 'served.ini');
  writeFileSync(configFile, '2FA=Auto:Gatehouse BENCH\n[Server]\nSocket=run/gate.sock\n', { mode: 0o600 });
  const child = spawn(programs.launcher, ['--config', configFile, 'serve'], {
    env: { ...programs.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(child);
  return {
    pid: child.pid ?? 0,
    socket: join(folder, 'run', 'gate.sock'),
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** User and system time of that process so far, over all its threads: proc(5), in the ticks of a hundredth second that Linux shows everywhere. */
export function processCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export type Talk = {
  /** Answers until that field is asked, which stays open; or, where none is named, until done. Throws where that is no grant. */
  until(field: 'password' | 'code' | undefined): Promise<void>;
  close(): void;
};

export function talk(socket: string, user: BenchUser): Talk {
  const connection = createConnection({ path: socket });
  const lines = createInterface({ input: connection })[Symbol.asyncIterator]();
  const send = (message: object) => void connection.write(`${JSON.stringify(message)}\n`);
  send({ type: 'begin', user: user.name });
  return {
    async until(field) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('The server closed the connection.');
        const message: unknown = JSON.parse(value);
        if (isDone(message)) {
          if (field === undefined && message.outcome === 'granted') return;
          throw new Error(`The log-on of ${user.name} ended early: ${value}`);
        }
        if (!isAsk(message)) continue;
        if (message.field === field) return;
        send({ type: 'answer', id: message.id, value: message.field === 'password' ? PASSWORD : user.code() });
      }
    },
    close: () => connection.destroy(),
  };
}

/** A whole log-on. */
export async function logOn(socket: string, user: BenchUser): Promise<void> {
  const conversation = talk(socket, user);
  await conversation.until(undefined);
  conversation.close();
}

function isDone(message: unknown): message is { readonly outcome: string } {
  return typeof message === 'object' && message !== null && 'outcome' in message;
}

function isAsk(message: unknown): message is { readonly id: number; readonly field: string } {
  return typeof message === 'object' && message !== null && 'field' in message && 'id' in message;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk;
      if (log.includes('Answers at')) resolve();
    });
    child.once('close', (status) => reject(new Error(`gatehouse serve ended (${status}): ${log}`)));
  });
}
