import type { Random } from '../ports.ts';
import type { UserId } from '../user.ts';

/** 128 random bits in hexadecimal: the id of a row. */
export function newId(random: Random): string {
  return Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function newUserId(random: Random): UserId {
  return newId(random) as UserId;
}
