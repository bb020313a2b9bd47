/**
 * The key file: beside the configuration, never in the database or its backups. It changes as a whole, under its own lock, and
 * is on the disk before anything is sealed with what is new in it. A process that has it open notices a change before it seals.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../errors.ts';
import type { SealingKeyKeeper } from '../key-rotation.ts';
import type { Clock, Random } from '../ports.ts';
import { writeDurably } from './durable-write.ts';
import { fileFault } from './file-fault.ts';
import { acquireFileLock } from './file-lock.ts';
import { readGuarded } from './file-safety.ts';
import { decodeKeyRing, encodeKeyRing, type KeyRing, newKeyRing, newSealingKey } from './key-ring.ts';
import type { SealingKeys } from './secret-box.ts';

export type KeyFileOptions = { readonly path: string; readonly random: Random; readonly clock: Clock };

export type KeyFile = SealingKeys &
  SealingKeyKeeper & {
    /** The keys as they are in the file now. */
    ring(): KeyRing;
  };

/** Makes a key file with new keys. Fault `exists` where there is anything at that path. */
export async function createKeyFile({ path, random, clock }: KeyFileOptions): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The folder ${dirname(path)} could not be made`, thrown);
  }
  await underLock(path, async () => {
    if (lstatSync(path, { throwIfNoEntry: false })) {
      throw new Fault('exists', `There is a key file already: ${path}.`, {
        hint: 'It may be the only way to read a database: move it to a safe place first.',
      });
    }
    await write(path, newKeyRing(random, clock.now()));
  });
}

/** Reads the keys once. Faults: `unavailable` (missing, cut short, damaged), `file-refused`. */
export function readKeyRing(path: string): KeyRing {
  return decodeKeyRing(readGuarded({ path, what: 'key file' }), path);
}

/** The key file for as long as this process runs. Throws like `readKeyRing`. */
export function openKeyFile({ path, random, clock }: KeyFileOptions): KeyFile {
  let version = versionOf(path);
  let ring = readKeyRing(path);

  function fresh(): KeyRing {
    const now = versionOf(path);
    if (now !== version) {
      ring = readKeyRing(path);
      version = now;
    }
    return ring;
  }

  async function change(changed: (ring: KeyRing) => KeyRing): Promise<void> {
    await underLock(path, async () => {
      await write(path, changed(readKeyRing(path)));
      fresh();
    });
  }

  return {
    ring: fresh,
    current: () => fresh().sealing[0],
    byId(id) {
      const known = ring.sealing.find((key) => key.id === id);
      return known ?? fresh().sealing.find((key) => key.id === id);
    },
    sealingKeys: () => fresh().sealing.map(({ id, createdAt }) => ({ id, createdAt })),
    addSealingKey: () => change((old) => ({ ...old, sealing: [newSealingKey(random, clock.now()), ...old.sealing] })),
    dropSealingKey: (id) =>
      change((old) => {
        const [current, ...older] = old.sealing;
        if (current.id === id) throw new Fault('internal', 'The key that seals now cannot be dropped.');
        return { ...old, sealing: [current, ...older.filter((key) => key.id !== id)] };
      }),
  };
}

/** Somebody else only holds it while writing the file; longer than this means a stopped process. */
const LOCK_WAIT_MS = 10_000;

async function underLock(path: string, work: () => Promise<void>): Promise<void> {
  const lock = await acquireFileLock({ path: `${path}.lock`, waitMs: LOCK_WAIT_MS, what: 'key file' });
  try {
    await work();
  } finally {
    lock.release();
  }
}

function write(path: string, ring: KeyRing): Promise<void> {
  return writeDurably({ path, temporary: `${path}.new`, bytes: encodeKeyRing(ring), what: 'key file' });
}

/** Every write makes a new file. Empty where none can be seen; reading tells why. */
function versionOf(path: string): string {
  try {
    const stats = lstatSync(path, { bigint: true });
    return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
  } catch {
    return '';
  }
}
