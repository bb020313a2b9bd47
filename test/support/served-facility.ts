/**
 * A facility whose database and key no other account may read, and `gatehouse serve` in front of it: `alice` has a password, the others a
 * secret too. Everybody may read its config.ini.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { shellActor } from '../../src/core/roles.ts';
import { phoneCode } from './authenticator.ts';
import { GATEHOUSE } from './gatehouse-process.ts';

export const PASSWORD = 'correct horse battery';

export type ServedFacility = {
  readonly folder: string;
  readonly config: string;
  readonly socket: string;
  readonly hostSocket: string;
  /** The code that the phone of that user shows. */
  code(name: string): string;
  writeConfig(more: string): void;
  serve(environment?: Readonly<Record<string, string>>): Promise<ServerProcess>;
};

/** Called in a `describe`; the facility is there when its tests run. */
export function servedFacility(paired: readonly string[], more = ''): ServedFacility {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-served-'));
  const config = join(folder, 'config.ini');
  const secrets = new Map<string, string>();
  const facility: ServedFacility = {
    folder,
    config,
    socket: join(folder, 'run', 'gate.sock'),
    hostSocket: join(folder, 'hosts', 'host.sock'),
    code: (name) => phoneCode(secrets.get(name) ?? ''),
    writeConfig: (settings) => writeFileSync(config, `${SETTINGS}${settings}`, { mode: 0o644 }),
    serve: (environment = {}) => startServer(config, environment),
  };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'secret'), { mode: 0o700 });
    facility.writeConfig(more);
    const read = readConfigFile(config).config;
    await createKeyFile({ path: read.store.keyFile, random: systemRandom, clock: systemClock });
    const opened = await openFacility(read, { database: 'create' });
    const directory = await opened.directory();
    for (const name of ['alice', ...paired]) {
      const added = await directory.addUser(ADMIN, {
        name,
        password: { kind: 'given', password: PASSWORD, thereafter: 'stays' },
      });
      if (added.kind === 'refused') throw new Error(added.text);
      if (name === 'alice') continue;
      const selection = { kind: 'users', ids: [added.user.id] } as const;
      await directory.requireTwoFactor(ADMIN, { selection, from: null });
      const shown = await directory.showQr(ADMIN, added.user.id);
      if (shown.kind === 'refused') throw new Error(shown.text);
      secrets.set(name, shown.key.replaceAll(' ', ''));
    }
    await opened.close();
  });
  return facility;
}

const ADMIN = shellActor('tester');

const SETTINGS = `2FA=Central:Ward LIVE
[Password]
Argon2MemoryMiB=19
Argon2Passes=2
[Store]
Path=secret/gatehouse.db
KeyFile=secret/gatehouse.key
[Audit]
Path=secret/audit
[Server]
Socket=run/gate.sock
HostSocket=hosts/host.sock
`;

export type ServerProcess = {
  readonly pid: number;
  log(): string;
  /** Resolves when the log has that text. */
  says(text: string): Promise<void>;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | NodeJS.Signals>;
};

/** Resolves when it is ready; rejects with its log where it ends before. */
async function startServer(config: string, environment: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = serverProcess(
    spawn(GATEHOUSE, ['--config', config, 'serve'], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  await server.says('Answers at');
  return server;
}

/** Its stderr is a pipe. Gone with the test. */
export function serverProcess(child: ChildProcess): ServerProcess {
  let log = '';
  const looks = new Set<() => void>();
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (status, signal) => resolve(signal ?? status ?? -1));
  });
  let over = false;
  const look = () => {
    for (const one of looks) one();
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk;
    look();
  });
  void ended.then(() => {
    over = true;
    look();
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    log: () => log,
    says: (text) =>
      new Promise((resolve, reject) => {
        const one = () => {
          if (log.includes(text)) resolve();
          else if (over) reject(new Error(`the server ended: ${log}`));
          else return;
          looks.delete(one);
        };
        looks.add(one);
        one();
      }),
    ended,
    signal: (signal) => void child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
