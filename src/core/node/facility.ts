/**
 * Puts the adapters of a facility together: the one place that does, for gate, console and commands. What is dear (sql.js, argon2,
 * the directory) is loaded when it is used.
 */
import type { Config } from '../config/model.ts';
import type { Directory } from '../directory/directory.ts';
import type { AuditLog, Clock, PasswordHasher, Random, SecretBox, Store } from '../ports.ts';
import type { NameKey } from '../user.ts';
import { type AuditTrail, openAuditTrail } from './audit-trail.ts';
import { type KeyFile, openKeyFile } from './key-file.ts';
import { nameCounter } from './name-counter.ts';
import { openEngine } from './open-engine.ts';
import { createPasswordHasher } from './password-hasher.ts';
import { systemRandom } from './random.ts';
import { createSecretBox } from './secret-box.ts';
import { systemClock } from './system-clock.ts';

export type Facility = {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyFile: KeyFile;
  readonly secretBox: SecretBox;
  readonly hasher: PasswordHasher;
  readonly store: Store;
  readonly audit: AuditLog;
  /** The same, to be read. */
  readonly trail: AuditTrail;
  readonly isBlockedPassword: (password: string) => Promise<boolean>;
  /** Failure counter of a name that no user has. */
  readonly unknownCounter: (key: NameKey) => string;
  /** What admins do; loaded when first asked for. */
  directory(): Promise<Directory>;
  close(): Promise<void>;
};

export type OpenOptions = {
  /** `create` is for whoever sets a facility up; else a database that is missing is a Fault, never an empty one. */
  readonly database?: 'existing' | 'create';
  /** Tests step it. */
  readonly clock?: Clock;
};

/** Faults: `unavailable`, `file-refused`, `busy`, `configuration`. The key file has to be there. */
export async function openFacility(config: Config, options: OpenOptions = {}): Promise<Facility> {
  const { database = 'existing', clock = systemClock } = options;
  const random = systemRandom;
  const keyFile = openKeyFile({ path: config.store.keyFile, random, clock });
  const secretBox = createSecretBox(keyFile, random);
  const { argon2MemoryMiB, argon2Passes } = config.password;
  const hasher = createPasswordHasher({ memoryMiB: argon2MemoryMiB, passes: argon2Passes });
  const { openSqlStore } = await import('../store/sql-store.ts');
  const engine = await openEngine(config.store, { database, clock });
  const key = keyFile.ring().auditKey;
  const trail = await openAuditTrail({ config, key, clock, engine });
  const store = await openSqlStore(engine, trail.journal);
  let directory: Promise<Directory> | undefined;
  const facility: Facility = {
    config,
    clock,
    random,
    keyFile,
    secretBox,
    hasher,
    store,
    audit: trail,
    trail,
    isBlockedPassword: async (password) => (await import('./blocklist.ts')).isCommonPassword(password),
    unknownCounter: (key) => nameCounter(keyFile.ring(), key),
    directory: () => {
      directory ??= loadDirectory(facility);
      return directory;
    },
    async close() {
      await trail.close();
      await store.close();
    },
  };
  return facility;
}

async function loadDirectory(facility: Facility): Promise<Directory> {
  const { createDirectory } = await import('../directory/directory.ts');
  return createDirectory(facility);
}
