/** What is done to files while their calls fail: each deed says what it was told, and afterwards whether what is there fits. */

import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setInConfig } from '../../src/core/config/edit.ts';
import { parseConfig } from '../../src/core/config/parse.ts';
import { editConfigFile } from '../../src/core/node/config-file-edit.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { openPlainStore } from '../../test/support/plain-store.ts';
import { PASSWORD, type TorturedFacility, type TorturedPerson } from '../facility.ts';
import { played } from '../played.ts';
import { seededRandom } from '../random.ts';
import { anyWrite, settle } from '../store/any-write.ts';
import { contentOf } from '../store/content.ts';
import { openFileEngine } from '../store/engines.ts';

/** `acknowledged`: told that it is done. `refused`: told, by a verdict and no error, that it is not. */
export type DeedOutcome = 'acknowledged' | 'refused';

export type Deed = {
  /** Under faults. Throws a Fault where it is told that it is not done. */
  run(seed: number): Promise<DeedOutcome>;
  /** Without faults again. Throws where something is lost, half done, or granted. */
  judge(outcome: DeedOutcome | 'failed'): Promise<void>;
};

/** Writes of every kind to a database. */
export async function saves(folder: string): Promise<Deed> {
  const opening = { engine: 'sqljs', path: join(folder, 'saves.db') } as const;
  const copy = { ...opening, path: join(folder, 'before.db') };
  const engine = await openFileEngine({ ...opening, absent: 'create' });
  const store = await openPlainStore(engine);
  await settle(store);
  copyFileSync(opening.path, copy.path);
  let ran = 0;

  async function contentAfter(seed: number): Promise<string> {
    const again = await openFileEngine(copy);
    const over = await openPlainStore(again);
    await anyWrite(seededRandom(seed))(over);
    const content = await contentOf(again);
    await over.close();
    return content;
  }

  return {
    async run(seed) {
      ran = seed;
      await anyWrite(seededRandom(seed))(store);
      return 'acknowledged';
    },
    async judge(outcome) {
      const inMemory = await contentOf(engine);
      const other = await openFileEngine(opening);
      const onDisk = await contentOf(other);
      const integrity = (await other.integrity()).join();
      await other.close();
      if (integrity !== 'ok') throw new Error(`the database is damaged: ${integrity}`);
      if (inMemory !== onDisk) throw new Error('what is read is not what is on the disk');
      const before = await openFileEngine(copy);
      const contentBefore = await contentOf(before);
      await before.close();
      const after = await contentAfter(ran);
      // An error behind the rename says that the new file may not outlive a power cut; until then it is there, as a whole.
      const fits = outcome === 'acknowledged' ? onDisk === after : onDisk === after || onDisk === contentBefore;
      if (!fits) throw new Error('the database has neither the content from before nor the one from after');
      copyFileSync(opening.path, copy.path);
    },
  };
}

/** A log-on by password and the right code, or a wrong one, each in a time step of its own. */
export function logOns(tortured: TorturedFacility): Deed {
  const { facility, people } = tortured;
  const { store, audit } = facility;
  let person: TorturedPerson | undefined;
  let right = true;

  return {
    async run(seed) {
      const random = seededRandom(seed);
      tortured.setNow(tortured.now() + 30_000);
      person = random.pick(people);
      right = random.chance(0.8);
      const code = tortured.code(person);
      const conversation = tortured.converse();
      const done = await played(conversation, [person.name, PASSWORD, right ? code : otherCode(code)]);
      return done.outcome === 'granted' ? 'acknowledged' : 'refused';
    },
    async judge(outcome) {
      if (!person) return;
      if (outcome === 'failed') throw new Error('a log-on threw');
      if (outcome === 'acknowledged' && !right) throw new Error('a wrong code was granted');
      const step = timeStepAt(tortured.now());
      const lastStep = (await store.userById(person.id))?.twoFactor.pairing?.lastStep ?? 0;
      if (outcome === 'acknowledged' && lastStep !== step) throw new Error('a grant whose time step is not claimed');
      if (outcome === 'acknowledged' && !(await isWrittenDown(tortured, person.name))) {
        throw new Error('a grant that is not in the audit trail');
      }
      // The same code once more: a grant exactly where the step was not claimed.
      await store.by({}).unlock(person.id);
      const again = await played(tortured.converse(), [person.name, PASSWORD, tortured.code(person)]);
      if ((again.outcome === 'granted') !== (lastStep !== step))
        throw new Error(`the same code again: ${again.outcome}`);
      await store.by({}).unlock(person.id);
      await audit.append({ event: 'user.unlocked', user: person.name });
      await refuseBrokenTrail(tortured);
    },
  };
}

function otherCode(code: string): string {
  return String((Number(code) + 1) % 1e6).padStart(6, '0');
}

export function auditRecords(tortured: TorturedFacility): Deed {
  const { audit, trail } = tortured.facility;
  let number = 0;
  return {
    async run() {
      number += 1;
      await audit.append({ event: 'user.edited', user: `user-${number}` });
      return 'acknowledged';
    },
    async judge(outcome) {
      const { records } = await refuseBrokenTrail(tortured);
      const found: string[] = [];
      for await (const record of trail.read({ limit: 1 })) found.push(record.user ?? '');
      const isThere = found[0] === `user-${number}`;
      if (outcome === 'acknowledged' && !isThere) throw new Error('an acknowledged record is not the last one');
      await audit.append({ event: 'user.enabled' });
      const after = await refuseBrokenTrail(tortured);
      if (after.records !== records + 1) throw new Error('the trail does not go on');
    },
  };
}

export function keyChanges({ facility }: TorturedFacility): Deed {
  const { keyFile, secretBox, config } = facility;
  const path = config.store.keyFile;
  const sealed = secretBox.seal(Buffer.from('as it was'), 'place');
  const idsNow = () => readKeyRing(path).sealing.map(({ id }) => id);
  const first = idsNow()[0] ?? '';
  let before = idsNow();
  return {
    async run() {
      const last = before.findLast((id) => id !== first && id !== before[0]);
      if (before.length < 4 || last === undefined) await keyFile.addSealingKey();
      else await keyFile.dropSealingKey(last);
      return 'acknowledged';
    },
    async judge(outcome) {
      const after = idsNow();
      const changed = after.join() !== before.join();
      if (Math.abs(after.length - before.length) > 1) throw new Error('more than one key came or went');
      if (outcome === 'acknowledged' && !changed) throw new Error('an acknowledged change of keys is not there');
      if (
        keyFile
          .sealingKeys()
          .map(({ id }) => id)
          .join() !== after.join()
      )
        throw new Error('the keys in use are not those of the file');
      if (Buffer.from(secretBox.open(sealed, 'place')).toString() !== 'as it was')
        throw new Error('a secret is another one');
      before = after;
    },
  };
}

export function configChanges({ configFile }: TorturedFacility): Deed {
  let before = readFileSync(configFile, 'utf8');
  let wanted = before;
  const source = (text: string) => ({ text, file: configFile, folder: '/' });
  return {
    async run(seed) {
      const change = { key: 'Login.Attempts', value: String(1 + (seed % 10)) };
      const edited = setInConfig(source(before), change);
      wanted = edited.kind === 'edited' ? edited.text : before;
      await editConfigFile(configFile, (now) => setInConfig(now, change));
      return 'acknowledged';
    },
    async judge(outcome) {
      const now = readFileSync(configFile, 'utf8');
      if (now !== wanted && (outcome === 'acknowledged' || now !== before)) throw new Error(`config.ini is now ${now}`);
      if (parseConfig(source(now)).kind !== 'config') throw new Error('config.ini is not in order any more');
      if ((statSync(configFile).mode & 0o777) !== 0o600) throw new Error('config.ini has another mode');
      before = now;
    },
  };
}

async function refuseBrokenTrail({ facility }: TorturedFacility) {
  const verified = await facility.trail.verify();
  if (!verified.ok) throw new Error(`the audit trail is broken at record ${verified.firstBroken}`);
  return verified;
}

/** A grant at this moment of the facility's clock. */
async function isWrittenDown({ facility, now }: TorturedFacility, name: string): Promise<boolean> {
  for await (const { event, user, actor, at } of facility.trail.read({ limit: 20 })) {
    if (event === 'login.granted' && (user ?? actor) === name && Date.parse(at) === now()) return true;
  }
  return false;
}
