/**
 * An initial password: made by the CSPRNG, told once, changed at the first log-on, dead after a week
 * (OWASP ASVS 5.0 6.4.1: random, and expiring after a short time).
 */
import { drawCharacters } from '../draw-characters.ts';
import type { Random } from '../ports.ts';

export const INITIAL_PASSWORD_MS = 7 * 24 * 60 * 60 * 1000;

/** Four groups of five joined by dashes: 99 bits, 23 characters, enough where the password is the only factor. */
export function makeInitialPassword(random: Random): string {
  const characters = drawCharacters(random, ALPHABET, 20);
  return [0, 5, 10, 15].map((start) => characters.slice(start, start + 5)).join('-');
}

/** Letters and digits that no font makes look alike: a person reads this off a slip of paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
