import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pairingBinding } from '../../src/core/binding.ts';
import { Fault } from '../../src/core/errors.ts';
import { KEY_SETTLING_MS, rotateKey, type SealingKeyKeeper } from '../../src/core/key-rotation.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { createSecretBox, type SealingKey } from '../../src/core/node/secret-box.ts';
import type { SealedCell } from '../../src/core/ports.ts';
import { matchStoredCode } from '../../src/core/stored-code.ts';
import type { UserId } from '../../src/core/user.ts';
import { ADMIN, START, type TemporaryFacility, temporaryFacility } from '../support/temporary-facility.ts';

const ROTATOR = fileURLToPath(new URL('key-rotator.ts', import.meta.url));

/** Sealed cells and keys in memory, for what needs no disk. */
function memoryFacility(cellCount: number) {
  const newKey = (now: number): SealingKey & { createdAt: number } => ({
    id: Buffer.from(systemRandom.bytes(4)).toString('hex'),
    key: systemRandom.bytes(32),
    createdAt: now,
  });
  let ring = [newKey(0)];
  let now = START;
  const current = () => ring[0] ?? newKey(now);
  const box = createSecretBox({ current, byId: (id) => ring.find((key) => key.id === id) }, systemRandom);
  const userId = 'u1' as UserId;
  const sealCell = (rowId: string): SealedCell => ({
    table: 'pairing',
    rowId,
    userId,
    envelope: box.seal(Buffer.from(rowId), pairingBinding(userId, rowId)),
  });
  const cells = new Map(Array.from({ length: cellCount }, (_, index) => [`p${index}`, sealCell(`p${index}`)]));
  const pauses: number[] = [];
  const keys: SealingKeyKeeper = {
    sealingKeys: () => ring,
    addSealingKey: async () => {
      ring = [newKey(now), ...ring];
    },
    dropSealingKey: async (id) => {
      ring = ring.filter((key) => key.id !== id);
    },
  };
  return {
    box,
    cells,
    sealCell,
    keys,
    pauses,
    clock: { now: () => now },
    pause: async (ms: number) => {
      pauses.push(ms);
      now += ms;
    },
    onProgress: () => undefined,
    store: {
      sealedNotUnder: async (keyId: string, limit: number) =>
        [...cells.values()].filter(({ envelope }) => envelope.split('.')[1] !== keyId).slice(0, limit),
      reseal: async (changes: readonly { readonly cell: SealedCell; readonly to: string }[]) => {
        for (const { cell, to } of changes) cells.set(cell.rowId, { ...cell, envelope: to });
        return changes.length;
      },
    },
    opensAll: () => [...cells.values()].every((cell) => opens(box, cell)),
  };
}

const opens = (box: ReturnType<typeof createSecretBox>, { userId, rowId, envelope }: SealedCell) =>
  Buffer.from(box.open(envelope, pairingBinding(userId, rowId))).toString() === rowId;

describe('key rotation', () => {
  it('seals everything under a new key and drops the old one', async () => {
    const facility = memoryFacility(1000);
    const [old] = facility.keys.sealingKeys();
    expect(await rotateKey(facility)).toEqual({ keyId: facility.box.keyId, resealed: 1000 });
    expect(facility.keys.sealingKeys().map(({ id }) => id)).toEqual([facility.box.keyId]);
    expect(facility.box.keyId).not.toBe(old?.id);
    expect(facility.opensAll()).toBe(true);
  });

  it('takes in what a log-on sealed under the old key and wrote while everything else was done', async () => {
    const facility = memoryFacility(10);
    const late = facility.sealCell('late');
    const rotation = rotateKey({
      ...facility,
      pause: async (ms) => {
        facility.cells.set('late', late);
        await facility.pause(ms);
      },
    });
    expect(await rotation).toMatchObject({ resealed: 11 });
    expect(facility.pauses).toEqual([KEY_SETTLING_MS]);
    expect(facility.opensAll()).toBe(true);
  });

  it('goes on with the key of a rotation that was not finished, and waits only for what is left of the time', async () => {
    const facility = memoryFacility(10);
    await facility.keys.addSealingKey();
    const { keyId } = facility.box;
    await facility.pause(KEY_SETTLING_MS - 1000);
    expect(await rotateKey(facility)).toEqual({ keyId, resealed: 10 });
    expect(facility.pauses.slice(1)).toEqual([1000]);
    await rotateKey(facility);
    expect(facility.keys.sealingKeys()).toHaveLength(1);
  });

  it('keeps the old key where something does not open, and says whose it is', async () => {
    const facility = memoryFacility(10);
    facility.cells.set('bad', { ...facility.sealCell('bad'), rowId: 'moved' });
    await expect(rotateKey(facility)).rejects.toThrow(/id u1 does not open/);
    expect(facility.keys.sealingKeys()).toHaveLength(2);
    facility.cells.delete('bad');
    await rotateKey(facility);
    expect(facility.opensAll()).toBe(true);
  });

  it('stops when another rotation begins beside it, and drops nothing', async () => {
    const facility = memoryFacility(10);
    const rotation = rotateKey({ ...facility, pause: () => facility.keys.addSealingKey() });
    await expect(rotation).rejects.toThrow(Fault);
    expect(facility.keys.sealingKeys()).toHaveLength(3);
    expect(facility.opensAll()).toBe(true);
  });

  it('ends with an error where the store takes nothing', async () => {
    const facility = memoryFacility(3);
    await expect(rotateKey({ ...facility, store: { ...facility.store, reseal: async () => 0 } })).rejects.toThrow(
      Fault,
    );
    expect(facility.keys.sealingKeys()).toHaveLength(2);
  });
});

describe('key rotation that ends at any of its steps, before or after it took effect', () => {
  it('leaves everything readable, and the next one goes on', async () => {
    let ends = 0;
    for (const when of ['before', 'after'] as const) {
      for (let dying = 1; ; dying += 1) {
        const facility = memoryFacility(310);
        const mortal = mortalSteps(facility, dying, when);
        const outcome = await rotateKey(mortal).then(
          () => 'done',
          (thrown: Error) => thrown.message,
        );
        if (outcome === 'done') break;
        expect(outcome).toBe('killed');
        expect(facility.opensAll()).toBe(true);
        const { keyId } = facility.box;
        const begun = facility.keys.sealingKeys().length > 1;
        await rotateKey(facility);
        expect(facility.opensAll()).toBe(true);
        expect(facility.keys.sealingKeys().map(({ id }) => id)).toEqual([facility.box.keyId]);
        if (begun) expect(facility.box.keyId).toBe(keyId);
        ends += 1;
      }
    }
    expect(ends).toBeGreaterThan(10);
  });
});

describe('key rotation that is killed, as a process, with log-ons going on', () => {
  it('goes on each time where it was; every secret opens all the while, and in the end one key is left', {
    timeout: 180_000,
  }, async () => {
    const temporary = await temporaryFacility();
    const { facility, folder } = temporary;
    const { store, config, secretBox, clock } = facility;
    const directory = await facility.directory();
    const uris = await issuedSecrets(temporary, 20);
    const codes = new Map<UserId, string>();
    let going = true;
    let writes = 0;
    const logOns = (async () => {
      for (const ids = [...uris.keys()]; going; writes += 1) {
        const id = ids[writes % ids.length];
        const made = id && (await directory.makeOneTimeCode(ADMIN, id));
        if (!made || made.kind === 'refused') throw new Error('no one-time code');
        codes.set(id, made.code);
      }
    })();

    const expectAllOpen = async () => {
      for (const [id, uri] of uris) expect(await directory.showQr(ADMIN, id)).toMatchObject({ uri, secret: 'same' });
    };
    let kills = 0;
    // At its first line, its second and so on; each run goes on where the one before was.
    while ((await rotateUntil(join(folder, 'config.ini'), 1 + (kills % 6))) === 'killed') {
      kills += 1;
      expect(readKeyRing(config.store.keyFile).sealing.length).toBeLessThanOrEqual(2);
      await expectAllOpen();
    }
    going = false;
    await logOns;

    const { sealing } = readKeyRing(config.store.keyFile);
    expect(sealing).toHaveLength(1);
    expect(await store.sealedNotUnder(sealing[0].id, 10)).toEqual([]);
    await expectAllOpen();
    for (const [userId, shown] of codes) {
      const stored = await store.oneTimeCode(userId);
      const code = shown.replace('-', '');
      const search = { box: secretBox, table: 'one-time', userId, stored: stored ? [stored] : [], code } as const;
      expect(await matchStoredCode({ ...search, now: clock.now() })).toBe(stored?.id);
    }
    expect(kills).toBeGreaterThanOrEqual(4);
    console.info(`key rotate: killed ${kills} times beside ${writes} writes; ${uris.size} secrets open, one key left`);
  });
});

/** The same facility, but the `dying`th step on keys or store is the last. */
function mortalSteps(facility: ReturnType<typeof memoryFacility>, dying: number, when: 'before' | 'after') {
  let steps = 0;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    steps += 1;
    if (steps === dying && when === 'after') await work();
    if (steps === dying) throw new Error('killed');
    return work();
  };
  const { keys, store } = facility;
  return {
    ...facility,
    keys: {
      sealingKeys: keys.sealingKeys,
      addSealingKey: () => step(keys.addSealingKey),
      dropSealingKey: (id: string) => step(() => keys.dropSealingKey(id)),
    },
    store: {
      sealedNotUnder: (keyId: string, limit: number) => step(() => store.sealedNotUnder(keyId, limit)),
      reseal: (cells: Parameters<typeof store.reseal>[0]) => step(() => store.reseal(cells)),
    },
    pause: (ms: number) => step(() => facility.pause(ms)),
  };
}

/** Users with a secret each: the key URI that an admin was shown. */
async function issuedSecrets(temporary: TemporaryFacility, count: number): Promise<ReadonlyMap<UserId, string>> {
  const directory = await temporary.facility.directory();
  const uris = new Map<UserId, string>();
  for (let number = 1; number <= count; number += 1) {
    const { id, name } = await temporary.addUser(`user-${number}`);
    await temporary.require(name);
    const shown = await directory.showQr(ADMIN, id);
    if (shown.kind === 'refused') throw new Error(shown.text);
    uris.set(id, shown.uri);
  }
  return uris;
}

/** Runs a rotation and kills it at the `line`th thing it says, unless it is done before. */
async function rotateUntil(configFile: string, line: number): Promise<'killed' | 'done'> {
  const rotator = spawn(process.execPath, [ROTATOR, configFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(rotator, 'close');
  let said = 0;
  let last = '';
  for await (const text of createInterface({ input: rotator.stdout })) {
    said += 1;
    last = text;
    if (said === line && text !== 'done') rotator.kill('SIGKILL');
    else rotator.stdin.write('.');
  }
  const [status, signal] = await closed;
  if (signal === 'SIGKILL') return 'killed';
  expect([status, last]).toEqual([0, 'done']);
  return 'done';
}
