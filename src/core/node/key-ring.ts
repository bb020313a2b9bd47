/**
 * The keys of a facility, one for each use, and how they stand in the key file. Whoever has them can open every secret and
 * forge the audit trail: they are never logged, shown or put into a message, not even when the file is damaged.
 */
import { Fault } from '../errors.ts';
import type { Random } from '../ports.ts';
import type { EpochMs } from '../user.ts';
import { SEALING_KEY_BYTES, type SealingKey } from './secret-box.ts';

export type DatedSealingKey = SealingKey & { readonly createdAt: EpochMs };

export type KeyRing = {
  /** The first seals; the others only open what was sealed before, until `key rotate` is through. */
  readonly sealing: readonly [DatedSealingKey, ...DatedSealingKey[]];
  /** Chains the audit trail. */
  readonly auditKey: Uint8Array;
  /** Hashes names that no user has, for their failure counters. */
  readonly namesKey: Uint8Array;
};

export function newKeyRing(random: Random, now: EpochMs): KeyRing {
  return {
    sealing: [newSealingKey(random, now)],
    auditKey: random.bytes(SEALING_KEY_BYTES),
    namesKey: random.bytes(SEALING_KEY_BYTES),
  };
}

export function newSealingKey(random: Random, now: EpochMs): DatedSealingKey {
  const id = Buffer.from(random.bytes(ID_BYTES)).toString('hex');
  return { id, key: random.bytes(SEALING_KEY_BYTES), createdAt: now };
}

export function encodeKeyRing({ sealing, auditKey, namesKey }: KeyRing): Uint8Array {
  const file = {
    format: FORMAT,
    sealing: sealing.map(({ id, key, createdAt }) => ({
      id,
      key: base64(key),
      createdAt: new Date(createdAt).toISOString(),
    })),
    audit: { key: base64(auditKey) },
    names: { key: base64(namesKey) },
  };
  return Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`);
}

/** Throws Fault `unavailable` for anything but what `encodeKeyRing` makes. */
export function decodeKeyRing(bytes: Uint8Array, path: string): KeyRing {
  const file = parse(bytes);
  if (isObject(file) && typeof file.format === 'number' && file.format > FORMAT) {
    throw new Fault('unavailable', `The key file ${path} was written by a newer Gatehouse.`, {
      hint: 'Run the version that wrote it.',
    });
  }
  const ring = isObject(file) && file.format === FORMAT ? checkedRing(file) : undefined;
  if (ring) return ring;
  throw new Fault('unavailable', `The key file ${path} is cut short or damaged.`, {
    hint: 'Put a copy of it back that belongs to this database; without it no secret can be read.',
  });
}

const FORMAT = 1;
const ID_BYTES = 4;

function checkedRing(file: Fields): KeyRing | undefined {
  const [current, ...older] = Array.isArray(file.sealing) ? file.sealing.map(checkedSealingKey) : [];
  const auditKey = keyIn(file.audit);
  const namesKey = keyIn(file.names);
  if (!current || !auditKey || !namesKey) return undefined;
  const sealing: [DatedSealingKey, ...DatedSealingKey[]] = [current];
  for (const key of older) {
    if (key === undefined) return undefined;
    sealing.push(key);
  }
  return new Set(sealing.map(({ id }) => id)).size === sealing.length ? { sealing, auditKey, namesKey } : undefined;
}

function checkedSealingKey(value: unknown): DatedSealingKey | undefined {
  const key = keyIn(value);
  if (!key || !isObject(value) || typeof value.id !== 'string' || typeof value.createdAt !== 'string') return undefined;
  const createdAt = Date.parse(value.createdAt);
  return /^[0-9a-f]{8}$/.test(value.id) && Number.isFinite(createdAt) ? { id: value.id, key, createdAt } : undefined;
}

function keyIn(value: unknown): Uint8Array | undefined {
  if (!isObject(value) || typeof value.key !== 'string') return undefined;
  const key = Buffer.from(value.key, 'base64');
  return key.length === SEALING_KEY_BYTES && base64(key) === value.key ? key : undefined;
}

type Fields = { readonly [field: string]: unknown };

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** The parser's own message would quote the file. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
