/** Text from the CSPRNG in which every character of an alphabet is equally likely: no modulo bias. */
import { Fault } from './errors.ts';
import type { Random } from './ports.ts';

/** `alphabet`: 2 to 256 different ASCII characters. Bytes past the largest multiple of its size are thrown away. */
export function drawCharacters(random: Random, alphabet: string, count: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  for (let round = 0; text.length < count; round += 1) {
    // At least half of all bytes are fair, so a hundred rounds without an end are no accident: the source is stuck.
    if (round > MOST_ROUNDS) throw new Fault('internal', 'The source of random numbers gives always the same.');
    for (const byte of random.bytes(count - text.length)) {
      if (byte < fair) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}

const MOST_ROUNDS = 200;
