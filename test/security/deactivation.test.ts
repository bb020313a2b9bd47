/**
 * Deactivated for good: what a secret was sealed as is in no file of the live database, and a backup from before gives it away only together with a
 * key file from before, which `key rotate` makes a thing that an administrator can destroy.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { pairingBinding } from '../../src/core/binding.ts';
import { rotateKey } from '../../src/core/key-rotation.ts';
import { openKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { createSecretBox } from '../../src/core/node/secret-box.ts';
import type { UserId } from '../../src/core/user.ts';
import { secretBytes } from '../support/authenticator.ts';
import { secretIn } from '../support/host-login.ts';
import { ADMIN, type TemporaryFacility, temporaryFacility } from '../support/temporary-facility.ts';

const NAMES = ['alice', 'bob', 'carol', 'dan'];

type Issued = { readonly id: UserId; readonly sealed: string; readonly pairingId: string; readonly secret: Uint8Array };

/** Everybody has a secret and a one-time code. */
async function issueAll(place: TemporaryFacility): Promise<ReadonlyMap<string, Issued>> {
  const directory = await place.facility.directory();
  const issued = new Map<string, Issued>();
  for (const name of NAMES) {
    const { id } = await place.addUser(name);
    await place.require(name);
    const shown = await directory.showQr(ADMIN, id);
    const code = await directory.makeOneTimeCode(ADMIN, id);
    if (shown.kind === 'refused' || code.kind === 'refused') throw new Error('nothing was issued');
    const pairing = (await place.facility.store.userById(id))?.twoFactor.pairing;
    if (!pairing) throw new Error('nobody has a pairing');
    const secret = secretBytes(secretIn(shown.uri));
    issued.set(name, { id, sealed: pairing.sealedSecret, pairingId: pairing.id, secret });
  }
  return issued;
}

/** Every byte of every file of the database: table, free pages, write-ahead log, shared memory. */
function databaseBytes(place: TemporaryFacility): string {
  const folder = join(place.folder, 'data');
  const files = readdirSync(folder).filter((name) => name.startsWith('gatehouse.db'));
  return files.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n');
}

describe.each(['sqljs', 'sqlite'])('a secret that was deactivated, in the files of %s', (engine) => {
  it('is in none of them while the store is open, nor after it was closed; those of others are', async () => {
    const place = await temporaryFacility('2FA=Central:Ward LIVE\n', `[Store]\nEngine=${engine}\n`);
    const issued = await issueAll(place);
    for (const { sealed } of issued.values()) expect(databaseBytes(place)).toContain(sealed);
    const directory = await place.facility.directory();
    const gone = ['bob', 'carol'];
    for (const name of gone) {
      const { id = '' as UserId } = issued.get(name) ?? {};
      expect(await directory.deactivate(ADMIN, id)).toMatchObject({ kind: 'deactivated' });
    }
    const look = () => {
      const bytes = databaseBytes(place);
      return [...issued].filter(([, { sealed, secret, pairingId }]) =>
        // The middle of an envelope too: a page that was reused may keep a part.
        [sealed, sealed.slice(30, 60), pairingId, Buffer.from(secret).toString('latin1')].some((trace) =>
          bytes.includes(trace),
        ),
      );
    };
    expect(look().map(([name]) => name)).toEqual(['alice', 'dan']);
    await place.facility.close();
    expect(look().map(([name]) => name)).toEqual(['alice', 'dan']);
  });
});

describe('a backup from before', () => {
  it('still has the secret, for whoever has the key of that time; after key rotate the key file opens it no more', async () => {
    const place = await temporaryFacility('2FA=Central:Ward LIVE\n');
    const issued = await issueAll(place);
    const { facility, clock } = place;
    const oldKeyFile = join(place.folder, 'old.key');
    writeFileSync(oldKeyFile, readFileSync(facility.config.store.keyFile), { mode: 0o600 });
    const backup = join(place.folder, 'backup.db');
    writeFileSync(backup, await facility.store.snapshot());
    const alice = issued.get('alice');
    if (alice === undefined) throw new Error('alice is gone');
    await (await facility.directory()).deactivate(ADMIN, alice.id);

    const copy = new DatabaseSync(backup, { readOnly: true });
    const row = copy.prepare('SELECT sealed_secret, pairing_id FROM users WHERE name = ?').get('alice');
    copy.close();
    const binding = pairingBinding(alice.id, String(row?.pairing_id));
    const opened = (keyFile: string) => {
      const keys = openKeyFile({ path: keyFile, random: systemRandom, clock });
      return createSecretBox(keys, systemRandom).open(String(row?.sealed_secret), binding);
    };
    expect(Buffer.from(opened(facility.config.store.keyFile))).toEqual(Buffer.from(alice.secret));

    await rotateKey({
      store: facility.store.by({}),
      keys: facility.keyFile,
      box: facility.secretBox,
      clock,
      pause: async (milliseconds) => clock.advance(milliseconds),
      onProgress() {},
    });
    expect(() => opened(facility.config.store.keyFile)).toThrow(/which is not in the key file/);
    // Which is why its old copies have to be destroyed as well.
    expect(Buffer.from(opened(oldKeyFile))).toEqual(Buffer.from(alice.secret));
    // Those who were not deactivated go on.
    const bob = await facility.store.userById(issued.get('bob')?.id ?? ('' as UserId));
    const pairing = bob?.twoFactor.pairing;
    expect(pairing?.sealedSecret).not.toBe(issued.get('bob')?.sealed);
    expect(
      facility.secretBox.open(
        pairing?.sealedSecret ?? '',
        pairingBinding(bob?.id ?? ('' as UserId), pairing?.id ?? ''),
      ),
    ).toHaveLength(20);
  });
});
