/** Database files with damage of every kind: a log-on works, or is told in a sentence that it cannot; never a fall, never a grant by a wrong code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, START, torturedFacility } from '../facility.ts';
import { played } from '../played.ts';
import type { Random } from '../random.ts';
import type { Torment, Victim } from '../torment.ts';

export const damagedDatabases: Torment = {
  name: 'damaged-databases',
  about:
    'database files changed, cut, pages swapped: log-ons work or are refused in a sentence; no wrong password, no wrong code, no used code gets in',
  counted: 'damaged files',
  goals: { short: 40, long: 20_000 },
  open: victim,
};

async function victim(folder: string): Promise<Victim> {
  const names = ['alice', ...Array.from({ length: 40 }, (_, number) => `user-${number}`)];
  const tortured = await torturedFacility({ folder: join(folder, 'facility'), names });
  const { facility, people } = tortured;
  const [alice] = people;
  if (!alice) throw new Error('alice was not made');
  const path = facility.config.store.path;
  tortured.setNow(START + 30_000);
  const used = tortured.code(alice);
  const first = await played(tortured.converse(), [alice.name, PASSWORD, used]);
  if (first.outcome !== 'granted') throw new Error(`the right code was not granted: ${JSON.stringify(first)}`);
  const whole = readFileSync(path);
  /** No step of the window has it. */
  const wrong = String((Number(used) + 1) % 1e6).padStart(6, '0');

  return {
    async round(random) {
      writeFileSync(path, damaged(random, whole));
      const attempts = [
        ['a wrong password', [alice.name, 'wrong wrong wrong', used]],
        ['a wrong code', [alice.name, PASSWORD, wrong]],
        ['a used code', [alice.name, PASSWORD, used]],
        ['an unknown name', ['nobody', PASSWORD, used]],
      ] as const;
      let asked = 0;
      let unavailable = 0;
      for (const [what, answers] of attempts) {
        const done = await played(tortured.converse(), answers);
        if (done.outcome === 'granted') throw new Error(`${what} was granted on a damaged database`);
        if (done.outcome === 'unavailable') unavailable += 1;
        else asked += 1;
      }
      return { 'damaged files': 1, 'log-ons denied as ever': asked, 'log-ons told that it does not work': unavailable };
    },
    close: () => facility.close(),
  };
}

function damaged(random: Random, whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  const page = 4096;
  const pages = Math.floor(bytes.length / page);
  switch (random.below(7)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1: {
      const [from, to] = [random.below(pages) * page, random.below(pages) * page];
      whole.copy(bytes, to, from, from + page);
      return bytes;
    }
    case 2:
      return bytes.fill(random.below(256), random.below(bytes.length), random.below(bytes.length));
    case 3: {
      // The header, and the heads of pages: what everything else is found by.
      const at = random.below(pages) * page + random.below(100);
      bytes[at] = random.below(256);
      return bytes;
    }
    case 4:
      return Buffer.concat([bytes, random.bytes(random.below(5000))]);
    default:
      for (let changes = 1 + random.below(60); changes > 0; changes -= 1) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      return bytes;
  }
}
