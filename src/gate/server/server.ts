/**
 * `gatehouse serve`: opens the facility once and answers at its sockets. Invariant: it answers only while the facility is open and the
 * configuration in force is a whole one; what it cannot do it says before anybody can connect.
 */
import type { Config } from '../../core/config/model.ts';
import { Fault, toFault } from '../../core/errors.ts';
import { readConfigFile } from '../../core/node/config-file.ts';
import { acquireFileLock, type FileLock } from '../../core/node/file-lock.ts';
import { inert } from '../../core/visible-text.ts';
import type { HandedOver } from './activation.ts';
import { watchConfig } from './config-watch.ts';
import { type FacilityInForce, openFacilityInForce } from './facility-in-force.ts';
import { openFrontage, type Place } from './frontage.ts';
import { logEndOfTrail } from './log-end-of-trail.ts';
import { createWorkLine } from './work-line.ts';

export type ServerOptions = {
  /** Absolute. */
  readonly configFile: string;
  readonly handedOver: readonly HandedOver[];
  readonly version: string;
  /** Passwords hashed at a time. */
  readonly hashing: number;
  /** A sentence for the server's log; never a name or a secret. */
  readonly log: (sentence: string) => void;
};

export type RunningServer = {
  /** Where it answers. */
  readonly places: readonly string[];
  /** Reads config.ini again. Never rejects: a configuration that is not right is not taken. */
  reload(): Promise<void>;
  stop(): Promise<void>;
};

/** Faults: `configuration`, `busy` where a server runs already, those of the facility and of the sockets. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configFile, handedOver, version, hashing, log } = options;
  process.umask(0o077);
  const { config } = readConfigFile(configFile);
  const places = placesOf(config, handedOver);
  const lock = await lockFacility(config);
  let facility: FacilityInForce | undefined;
  try {
    facility = await openFacilityInForce(config, { configFile, hashing: createWorkLine(hashing) });
    const frontage = await openFrontage(places, { gatekeeper: facility, version });
    warnIfOff(config, log);
    return running({ configFile, log, lock, facility, frontage });
  } catch (thrown) {
    await facility?.close();
    lock.release();
    throw thrown;
  }
}

/** Changes of config.ini are looked for this often, and taken when the file has stood still as long. */
const WATCH_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How long those who are served may take to hear that the server stops. */
const STOP_GRACE_MS = 10_000;

function running(parts: {
  readonly configFile: string;
  readonly log: ServerOptions['log'];
  readonly lock: FileLock;
  readonly facility: FacilityInForce;
  readonly frontage: Awaited<ReturnType<typeof openFrontage>>;
}): RunningServer {
  const { configFile, log, lock, facility, frontage } = parts;
  let last: Promise<void> = Promise.resolve();

  async function takeConfig(): Promise<void> {
    try {
      const { config } = readConfigFile(configFile);
      const before = facility.config().server;
      await facility.replace(config);
      log('The configuration was read again and is in force.');
      warnIfOff(config, log);
      if (config.server.socket !== before.socket || config.server.hostSocket !== before.hostSocket) {
        log('Sockets change when the server is started again.');
      }
    } catch (thrown) {
      log(`The new configuration is not taken, the one in force stays: ${inert(toFault(thrown).message)}`);
    }
  }

  function reload(): Promise<void> {
    last = last.then(takeConfig);
    return last;
  }

  const stopLogging = logEndOfTrail({ noteOfEnd: facility.noteOfEnd, log, everyMs: DAY_MS });
  const stopWatching = watchConfig({ path: configFile, everyMs: WATCH_MS, changed: () => void reload() });
  return {
    places: frontage.names,
    reload,
    async stop() {
      stopWatching();
      stopLogging();
      await frontage.close(STOP_GRACE_MS);
      await last;
      await facility.close();
      lock.release();
    },
  };
}

function warnIfOff({ mode }: Config, log: ServerOptions['log']): void {
  if (mode?.kind === 'off') log('TWO-FACTOR IS SWITCHED OFF by 2FA=Off: everybody logs on with the password alone.');
}

function placesOf({ server }: Config, handedOver: readonly HandedOver[]): readonly Place[] {
  const paths = { everybody: server.socket, hosts: server.hostSocket };
  const places: Place[] = handedOver.map(({ fd, reach }) => ({ reach, fd, ...pathOf(paths[reach]) }));
  for (const reach of ['everybody', 'hosts'] as const) {
    if (paths[reach] === '' || handedOver.some((socket) => socket.reach === reach)) continue;
    places.push({ reach, path: paths[reach] });
  }
  if (places.length > 0) return places;
  throw new Fault('configuration', 'config.ini names no socket to answer at.', {
    hint: 'gatehouse config set Server.Socket /run/gatehouse/gate.sock',
  });
}

function pathOf(path: string): { readonly path?: string } {
  return path === '' ? {} : { path };
}

async function lockFacility({ store }: Config): Promise<FileLock> {
  try {
    return await acquireFileLock({ path: `${store.keyFile}.serve`, what: 'server', waitMs: LOCK_WAIT_MS });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'busy') throw thrown;
    throw new Fault('busy', 'A server answers for this facility already.', { hint: thrown.hint ?? '', cause: thrown });
  }
}

/** One that is just ending has let go by then. */
const LOCK_WAIT_MS = 500;
