/**
 * `key rotate`: everything sealed is sealed again under a new key, while log-ons go on. The new key is in the file before
 * anything is sealed under it; an old one leaves the file only when the store holds nothing under it and nobody can be about
 * to write such a thing. Killed anywhere, the next call goes on where this one was.
 */
import { bindingOf } from './binding.ts';
import { Fault } from './errors.ts';
import type { Clock, MaintenanceReads, MaintenanceWrites, SealedCell, SecretBox } from './ports.ts';
import type { EpochMs } from './user.ts';

export type SealingKeyKeeper = {
  /** The first seals. */
  sealingKeys(): readonly { readonly id: string; readonly createdAt: EpochMs }[];
  /** A new key, on disk when it resolves, that seals from then on. */
  addSealingKey(): Promise<void>;
  dropSealingKey(id: string): Promise<void>;
};

export type RotationProgress =
  | { readonly stage: 'resealing'; readonly resealed: number }
  /** For log-ons that sealed under the old key and have not written yet. */
  | { readonly stage: 'waiting'; readonly seconds: number };

export type RotationOptions = {
  readonly store: Pick<MaintenanceReads, 'sealedNotUnder'> & Pick<MaintenanceWrites, 'reseal'>;
  readonly keys: SealingKeyKeeper;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly onProgress: (progress: RotationProgress) => void;
  /** Records the rotation, before the old key goes: where that fails the old key stays, and the next call goes on. */
  readonly record?: (rotation: Rotation) => Promise<void>;
};

/** `resealed`: how many values by this call. */
export type Rotation = { readonly keyId: string; readonly resealed: number };

/**
 * A process seals under the key that is first in the file at that moment, and then waits for the store's lock no longer than
 * this. So long an old key outlives the new one's beginning.
 */
export const KEY_SETTLING_MS = 20_000;

/** Rejects with a Fault where something sealed does not open; nothing is lost then. */
export async function rotateKey(options: RotationOptions): Promise<Rotation> {
  const { keys, clock } = options;
  // More than one key: an earlier rotation was not finished, and its key is as good as a new one.
  if (keys.sealingKeys().length < 2) await keys.addSealingKey();
  const [current, ...older] = keys.sealingKeys();
  if (!current) throw new Fault('internal', 'The key file has no key that seals.');
  let resealed = await resealAll(options, current.id, 0);
  // Also where the clock was set back since: never longer than the whole time.
  const rest = Math.min(KEY_SETTLING_MS, current.createdAt + KEY_SETTLING_MS - clock.now());
  if (rest > 0) {
    options.onProgress({ stage: 'waiting', seconds: Math.ceil(rest / 1000) });
    await options.pause(rest);
    resealed = await resealAll(options, current.id, resealed);
  }
  const rotation = { keyId: current.id, resealed };
  await options.record?.(rotation);
  for (const { id } of older) await keys.dropSealingKey(id);
  return rotation;
}

/** A transaction each: short enough that a log-on hardly waits. */
const CELLS_AT_A_TIME = 300;
/** Values that change under our hands this often in a row do not change by log-ons. */
const MOST_FRUITLESS_ROUNDS = 20;

async function resealAll(options: RotationOptions, keyId: string, before: number): Promise<number> {
  const { store, keys, box, onProgress } = options;
  let resealed = before;
  let fruitless = 0;
  for (;;) {
    if (keys.sealingKeys()[0]?.id !== keyId) {
      throw new Fault('busy', 'Another key rotation began meanwhile.', { hint: 'Let it end; nothing is lost.' });
    }
    const cells = await store.sealedNotUnder(keyId, CELLS_AT_A_TIME);
    if (cells.length === 0) return resealed;
    const changed = await store.reseal(cells.map((cell) => ({ cell, to: resealedEnvelope(box, cell) })));
    fruitless = changed === 0 ? fruitless + 1 : 0;
    if (fruitless > MOST_FRUITLESS_ROUNDS) {
      throw new Fault('busy', 'The store takes no resealed values.', { hint: 'Run `gatehouse key rotate` again.' });
    }
    resealed += changed;
    onProgress({ stage: 'resealing', resealed });
  }
}

function resealedEnvelope(box: SecretBox, cell: SealedCell): string {
  try {
    const plaintext = box.open(cell.envelope, bindingOf(cell));
    const envelope = box.seal(plaintext, bindingOf(cell));
    plaintext.fill(0);
    return envelope;
  } catch (cause) {
    throw new Fault('unavailable', `What is sealed for the user with the id ${cell.userId} does not open.`, {
      hint: 'Deactivate two-factor for this user and require it again, then go on with `gatehouse key rotate`.',
      cause,
    });
  }
}
