/** One change to the files of an audit trail: `audit verify` names the first record that it touched, and the trail can be written on. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/core/config/parse.ts';
import { openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { migrate } from '../../src/core/store/migrations.ts';
import { type Random, seededRandom } from '../random.ts';
import { CLOCK, openFileEngine } from '../store/engines.ts';
import type { Torment, Victim } from '../torment.ts';

export const damagedTrails: Torment = {
  name: 'damaged-trails',
  about:
    'a byte, a record, the order or the end of an audit trail changed: `audit verify` names the first record that was touched',
  counted: 'damaged trails',
  goals: { short: 60, long: 50_000 },
  open: victim,
};

const RECORDS = 40;

async function victim(folder: string): Promise<Victim> {
  const path = join(folder, 'audit');
  const parsed = parseConfig({
    text: '2FA=Off\n[Store]\nPath=gatehouse.db\n[Audit]\nPath=audit\n',
    file: 'config.ini',
    folder,
  });
  if (parsed.kind !== 'config') throw new Error('no configuration');
  const database = join(folder, 'gatehouse.db');
  const engine = await openFileEngine({ engine: 'sqljs', path: database, absent: 'create' });
  await migrate(engine);
  const key = seededRandom(20_261_124).bytes(32);
  const trail = await openAuditTrail({ config: parsed.config, key, clock: CLOCK, engine });
  for (let number = 1; number <= RECORDS; number += 1) {
    await trail.append({ event: 'user.edited', actor: 'os:root', user: `user-${number}` });
  }
  // Nothing of it is in the database any more, but where it ends.
  await trail.drain();
  await engine.write((tx) => tx.run('DELETE FROM audit_records'));
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ path: join(path, name), bytes: readFileSync(join(path, name)) }));
  const asItWas = readFileSync(database);
  const segment = files.find(({ bytes }) => bytes.includes('"user-1"'));
  if (!segment) throw new Error('the trail has no segment');
  const lines = segment.bytes.toString('latin1').split('\n').slice(0, -1);

  return {
    async round(random) {
      for (const { path, bytes } of files) writeFileSync(path, bytes);
      writeFileSync(database, asItWas);
      const { way, text, first } = damaged(random, lines);
      writeFileSync(segment.path, Buffer.from(text, 'latin1'));
      const { ok, firstBroken } = await trail.verify();
      if (ok || firstBroken !== first)
        throw new Error(`${way}: record ${first} was touched, told is ${ok ? 'nothing' : firstBroken}`);
      await trail.append({ event: 'user.enabled', user: 'after' });
      await trail.drain();
      const after = await trail.verify();
      if (after.ok) throw new Error(`${way} is forgotten after the next record`);
      return { 'damaged trails': 1, [`  ${way}`]: 1 };
    },
    close: () => engine.close(),
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
