/**
 * `key rotate` as a process of its own, in small steps: `key-rotator.ts CONFIG`. Prints a line before and after each of them and
 * waits for a byte, so that whoever started it can kill it exactly there.
 */
import { readSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { rotateKey, type SealingKeyKeeper } from '../../src/core/key-rotation.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';

const { keyFile, store, secretBox, clock, close } = await openFacility(readConfigFile(process.argv[2] ?? '').config);

const keys: SealingKeyKeeper = {
  sealingKeys: keyFile.sealingKeys,
  addSealingKey: () => told('add', keyFile.addSealingKey),
  dropSealingKey: (id) => told('drop', () => keyFile.dropSealingKey(id)),
};
await rotateKey({
  store: {
    sealedNotUnder: (keyId) => store.sealedNotUnder(keyId, 10),
    reseal: (cells) => told('reseal', () => store.by({}).reseal(cells)),
  },
  keys,
  box: secretBox,
  clock,
  // Log-ons of the test write within milliseconds of sealing.
  pause: () => told('wait', () => pause(1500)),
  onProgress: () => undefined,
});
await close();
say('done');

function say(line: string): void {
  writeSync(1, `${line}\n`);
  readSync(0, new Uint8Array(1));
}

async function told<T>(step: string, work: () => Promise<T>): Promise<T> {
  say(`before ${step}`);
  const result = await work();
  say(`after ${step}`);
  return result;
}
