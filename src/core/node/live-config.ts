/**
 * The configuration of a process that runs for days, as config.ini changes under it. Invariant: a file that is not in order
 * changes nothing; what was in force stays in force. Settings that adapters were opened by (store, audit trail, sockets, the cost
 * of hashing) stay as they were until the process is started again.
 */
import { type BigIntStats, lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { toFault } from '../errors.ts';
import { readConfigFile } from './config-file.ts';
import type { Facility } from './facility.ts';

export type LiveConfig = {
  /** In force now. */
  now(): Config;
  /** Reads the file again where it changed. */
  poll(): void;
  /** Why the file as it stands is not in force; undefined: it is. */
  trouble(): string | undefined;
};

export function followConfig(file: string, opened: Config): LiveConfig {
  let config = opened;
  let trouble: string | undefined;
  let seen: string | undefined = stampOf(file);

  return {
    now: () => config,
    poll() {
      const stamp = stampOf(file);
      if (stamp === seen) return;
      seen = stamp;
      try {
        config = inForce(opened, readConfigFile(file).config);
        trouble = undefined;
      } catch (thrown) {
        trouble = toFault(thrown).message;
      }
    },
    trouble: () => trouble,
  };
}

/** The facility, its configuration the one in force at each operation. */
export function liveFacility(facility: Facility, config: () => Config): Facility {
  let directory: ReturnType<Facility['directory']> | undefined;
  const live: Facility = {
    ...facility,
    get config() {
      return config();
    },
    directory() {
      directory ??= import('../directory/directory.ts').then(({ createDirectory }) => createDirectory(live));
      return directory;
    },
  };
  return live;
}

function inForce(opened: Config, read: Config): Config {
  const { argon2MemoryMiB, argon2Passes } = opened.password;
  const { store, audit, server } = opened;
  return { ...read, store, audit, server, password: { ...read.password, argon2MemoryMiB, argon2Passes } };
}

function stampOf(file: string): string | undefined {
  const stats: BigIntStats | undefined = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
