/** One change to the files of an audit trail: `audit verify` names the first record that it touched, and the trail can be written on. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuditFile } from '../../src/core/node/audit-file.ts';
import { verifyAuditTrail } from '../../src/core/node/audit-verify.ts';
import { type Random, seededRandom } from '../random.ts';
import { CLOCK } from '../store/engines.ts';
import type { Torment, Victim } from '../torment.ts';

export const damagedTrails: Torment = {
  name: 'damaged-trails',
  about:
    'a byte, a record, the order or the end of an audit trail changed: `audit verify` names the first record that was touched',
  counted: 'damaged trails',
  goals: { short: 100, long: 50_000 },
  open: victim,
};

const RECORDS = 40;

async function victim(folder: string): Promise<Victim> {
  const trail = join(folder, 'audit');
  mkdirSync(trail, { mode: 0o700 });
  const key = seededRandom(20_261_124).bytes(32);
  const audit = createAuditFile({ folder: trail, key, clock: CLOCK });
  for (let number = 1; number <= RECORDS; number += 1) {
    await audit.append({ event: 'user.edited', actor: 'os:root', user: `user-${number}` });
  }
  const files = readdirSync(trail).map((name) => ({ path: join(trail, name), bytes: readFileSync(join(trail, name)) }));
  const segment = files.find(({ bytes }) => bytes.includes('"user-1"'));
  if (!segment) throw new Error('the trail has no segment');
  const lines = segment.bytes.toString('latin1').split('\n').slice(0, -1);

  return {
    async round(random) {
      for (const { path, bytes } of files) writeFileSync(path, bytes);
      const { way, text, first } = damaged(random, lines);
      writeFileSync(segment.path, Buffer.from(text, 'latin1'));
      const { ok, firstBroken } = await verifyAuditTrail(trail, key);
      if (ok || firstBroken !== first)
        throw new Error(`${way}: record ${first} was touched, told is ${ok ? 'nothing' : firstBroken}`);
      await audit.append({ event: 'user.enabled', user: 'after' });
      const after = await verifyAuditTrail(trail, key);
      if (after.ok) throw new Error(`${way} is forgotten after the next record`);
      return { 'damaged trails': 1, [`  ${way}`]: 1 };
    },
    close: async () => undefined,
  };
}

type Damage = { readonly way: string; readonly text: string; readonly first: number };

function damaged(random: Random, lines: readonly string[]): Damage {
  const whole = (kept: readonly string[]) => kept.map((line) => `${line}\n`).join('');
  const at = random.below(lines.length);
  switch (random.below(5)) {
    case 0:
      return { way: 'a record removed', text: whole(lines.toSpliced(at, 1)), first: at + 1 };
    case 1: {
      const other = (at + 1 + random.below(lines.length - 1)) % lines.length;
      const swapped = lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '');
      return { way: 'two records swapped', text: whole(swapped), first: Math.min(at, other) + 1 };
    }
    case 2: {
      const text = whole(lines).slice(0, whole(lines.slice(0, at)).length + random.below(lines[at]?.length ?? 1));
      return { way: 'the end cut off', text, first: at + 1 };
    }
    case 3: {
      // The last one twice is taken for what a killed writer left: the next one removes it, and the trail is as it was.
      const twice = random.below(lines.length - 1);
      return { way: 'a record twice', text: whole(lines.toSpliced(twice, 0, lines[twice] ?? '')), first: twice + 2 };
    }
    default: {
      const line = lines[at] ?? '';
      const place = random.below(line.length);
      const code = line.charCodeAt(place) ^ (1 << random.below(8));
      const changed = line.slice(0, place) + String.fromCharCode(code) + line.slice(place + 1);
      return { way: 'a bit flipped', text: whole(lines.with(at, changed)), first: at + 1 };
    }
  }
}
