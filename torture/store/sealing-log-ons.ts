/** Log-ons beside a key rotation, reduced to what matters to it: something is sealed under the key of that moment, and then written. */
import { bindingOf } from '../../src/core/binding.ts';
import type { TorturedFacility } from '../facility.ts';

export type LogOns = {
  /** One after the other until it is told to stop. */
  run(going: () => boolean): Promise<void>;
  /** Resolves when what is being written now is written. */
  settled(): Promise<void>;
  /** How many there were. */
  written(): number;
  /** Every sealed value in the database opens to what was sealed there. Throws where one does not; how many there are. */
  openAll(): Promise<number>;
};

export function sealingLogOns({ facility, people }: TorturedFacility): LogOns {
  const { store, secretBox } = facility;
  /** What the one-time code of each user has to open to. */
  const wanted = new Map<string, string>();
  let number = 0;
  let writing: Promise<unknown> = Promise.resolve();

  async function one(): Promise<void> {
    number += 1;
    const person = people[number % people.length];
    if (!person) return;
    const codeId = `o${number}`;
    const text = `one-time code ${number} of ${person.name}`;
    const binding = bindingOf({ table: 'one-time', userId: person.id, rowId: codeId });
    const sealedHash = secretBox.seal(Buffer.from(text), binding);
    await store.by({}).putOneTimeCode({ userId: person.id, code: { id: codeId, sealedHash, expiresAt: null } });
    wanted.set(person.id, text);
  }

  async function openSecret({ id, pairingId, secret }: (typeof people)[number]): Promise<void> {
    const pairing = (await store.userById(id))?.twoFactor.pairing;
    if (!pairing) throw new Error(`the pairing of ${id} is gone`);
    const binding = bindingOf({ userId: id, rowId: pairingId, table: 'pairing' });
    const found = secretBox.open(pairing.sealedSecret, binding);
    if (Buffer.compare(found, secret) !== 0) throw new Error(`the secret of ${id} is another one`);
  }

  async function openCode(id: (typeof people)[number]['id']): Promise<number> {
    const text = wanted.get(id);
    if (text === undefined) return 0;
    const code = await store.oneTimeCode(id);
    if (!code) throw new Error(`the one-time code of ${id} is gone`);
    const binding = bindingOf({ userId: id, rowId: code.id, table: 'one-time' });
    const found = Buffer.from(secretBox.open(code.sealedHash, binding)).toString();
    if (found !== text) throw new Error(`the one-time code of ${id} is "${found}", not "${text}"`);
    return 1;
  }

  return {
    async run(going) {
      while (going()) {
        writing = one();
        await writing;
      }
    },
    async settled() {
      await writing;
    },
    written: () => number,
    async openAll() {
      let opened = 0;
      for (const person of people) {
        await openSecret(person);
        opened += 1 + (await openCode(person.id));
      }
      return opened;
    },
  };
}
