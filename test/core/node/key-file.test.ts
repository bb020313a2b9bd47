import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { createKeyFile, openKeyFile, readKeyRing } from '../../../src/core/node/key-file.ts';
import { nameCounter } from '../../../src/core/node/name-counter.ts';
import { systemRandom } from '../../../src/core/node/random.ts';
import { createSecretBox } from '../../../src/core/node/secret-box.ts';
import { nameKey } from '../../../src/core/user.ts';

const clock = { now: () => Date.UTC(2026, 10, 24) };
const options = (path: string) => ({ path, random: systemRandom, clock });

function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'gatehouse.key');
}

async function madeKeyFile(): Promise<string> {
  const path = freshPath();
  await createKeyFile(options(path));
  return path;
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('no fault');
}

describe('a new key file', () => {
  it('has a key for each use, all different, for this account alone', async () => {
    const path = await madeKeyFile();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { sealing, auditKey, namesKey } = readKeyRing(path);
    const keys = [sealing[0].key, auditKey, namesKey].map((key) => Buffer.from(key).toString('hex'));
    expect(sealing).toHaveLength(1);
    expect(sealing[0].createdAt).toBe(clock.now());
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never takes the place of anything that is there', async () => {
    const path = await madeKeyFile();
    const before = readFileSync(path);
    await expect(createKeyFile(options(path))).rejects.toMatchObject({ code: 'exists' });
    expect(readFileSync(path)).toEqual(before);
    const dangling = freshPath();
    symlinkSync(join(dangling, 'nowhere'), dangling);
    await expect(createKeyFile(options(dangling))).rejects.toMatchObject({ code: 'exists' });
  });

  it('is made by one alone of many who make it at once', async () => {
    const path = freshPath();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => createKeyFile(options(path))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readKeyRing(path).sealing).toHaveLength(1);
  });
});

describe('a key file that is not as it should be', () => {
  it('is named when it is missing', () => {
    const path = freshPath();
    const fault = faultOf(() => readKeyRing(path));
    expect([fault.code, fault.message]).toEqual([
      'unavailable',
      `The key file ${path} could not be opened: there is no such file.`,
    ]);
    expect(faultOf(() => openKeyFile(options(path))).code).toBe('unavailable');
  });

  it('is refused when it is cut anywhere, and no message holds any of it', async () => {
    const path = await madeKeyFile();
    const whole = readFileSync(path, 'utf8');
    for (let length = 0; length < whole.trimEnd().length; length += 3) {
      writeFileSync(path, whole.slice(0, length));
      const fault = faultOf(() => readKeyRing(path));
      expect([fault.code, fault.message]).toEqual(['unavailable', `The key file ${path} is cut short or damaged.`]);
      expect(fault.cause).toBeUndefined();
    }
  });

  it.each([
    ['nothing', ''],
    ['noise', '\u0000\u0001\u0002'],
    ['null', 'null'],
    ['an array', '[]'],
    ['no format', '{}'],
    ['another format', '{"format":0}'],
    ['no keys', '{"format":1,"sealing":[],"audit":{"key":""},"names":{"key":""}}'],
  ])('is refused when it holds %s', async (_, text) => {
    const path = await madeKeyFile();
    writeFileSync(path, text);
    expect(faultOf(() => readKeyRing(path)).code).toBe('unavailable');
  });

  it('is refused when a key in it is too short, written loosely, twice there or badly named', async () => {
    const path = await madeKeyFile();
    const file = JSON.parse(readFileSync(path, 'utf8'));
    const [first] = file.sealing;
    for (const changed of [
      { ...file, sealing: [{ ...first, key: first.key.slice(0, -4) }] },
      { ...file, sealing: [{ ...first, key: ` ${first.key}` }] },
      { ...file, sealing: [{ ...first, key: first.key.replace('=', '') }] },
      { ...file, sealing: [first, first] },
      { ...file, sealing: [first, null] },
      { ...file, sealing: [{ ...first, id: 'a.b' }] },
      { ...file, sealing: [{ ...first, createdAt: 'yesterday' }] },
      { ...file, audit: {} },
      { ...file, names: { key: '' } },
    ]) {
      writeFileSync(path, JSON.stringify(changed));
      expect(faultOf(() => readKeyRing(path)).code).toBe('unavailable');
    }
  });

  it('is refused with another sentence when a newer Gatehouse wrote it', async () => {
    const path = await madeKeyFile();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"format": 1', '"format": 2'));
    expect(faultOf(() => readKeyRing(path)).message).toContain('newer Gatehouse');
  });

  it('is refused as a link, a folder, or open to others', async () => {
    const path = await madeKeyFile();
    chmodSync(path, 0o644);
    expect(faultOf(() => readKeyRing(path)).hint).toBe(`chmod 600 ${path}`);
    chmodSync(path, 0o600);
    renameSync(path, `${path}.real`);
    symlinkSync(`${path}.real`, path);
    expect(faultOf(() => readKeyRing(path)).code).toBe('file-refused');
    rmSync(path);
    mkdirSync(path);
    expect(faultOf(() => readKeyRing(path)).code).toBe('file-refused');
  });
});

describe('sealing keys', () => {
  it('are on disk, first in the file, before anything is sealed under them; older ones still open', async () => {
    const path = await madeKeyFile();
    const file = openKeyFile(options(path));
    const box = createSecretBox(file, systemRandom);
    const before = box.seal(new Uint8Array([1]), 'b');
    await file.addSealingKey();
    const [added, old] = readKeyRing(path).sealing;
    expect(box.keyId).toBe(added.id);
    expect(box.seal(new Uint8Array([2]), 'b').split('.')[1]).toBe(added.id);
    expect([...box.open(before, 'b')]).toEqual([1]);
    await file.dropSealingKey(old?.id ?? '');
    expect(readKeyRing(path).sealing.map(({ id }) => id)).toEqual([added.id]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never leave the file without the one that seals', async () => {
    const path = await madeKeyFile();
    const file = openKeyFile(options(path));
    await expect(file.dropSealingKey(file.current().id)).rejects.toThrow(Fault);
    expect(readKeyRing(path).sealing).toHaveLength(1);
  });

  it('that another process added are used at the next seal, and found when something sealed under them is opened', async () => {
    const path = await madeKeyFile();
    const [ours, theirs] = [openKeyFile(options(path)), openKeyFile(options(path))];
    const [ourBox, theirBox] = [createSecretBox(ours, systemRandom), createSecretBox(theirs, systemRandom)];
    await theirs.addSealingKey();
    expect([...ourBox.open(theirBox.seal(new Uint8Array([3]), 'b'), 'b')]).toEqual([3]);
    expect(ourBox.keyId).toBe(theirBox.keyId);
    await theirs.addSealingKey();
    expect(ourBox.seal(new Uint8Array([4]), 'b').split('.')[1]).toBe(theirs.current().id);
  });

  it('are not sealed with once the file is gone or damaged', async () => {
    const path = await madeKeyFile();
    const box = createSecretBox(openKeyFile(options(path)), systemRandom);
    writeFileSync(path, '');
    expect(faultOf(() => box.seal(new Uint8Array([1]), 'b')).code).toBe('unavailable');
    rmSync(path);
    expect(faultOf(() => box.seal(new Uint8Array([1]), 'b')).code).toBe('unavailable');
  });

  it('are all there when several processes add some at once', async () => {
    const path = await madeKeyFile();
    const files = Array.from({ length: 6 }, () => openKeyFile(options(path)));
    await Promise.all(files.map((file) => file.addSealingKey()));
    expect(readKeyRing(path).sealing).toHaveLength(7);
  });

  it('are those from before or after, whenever a process that changes them is killed', async () => {
    const path = await madeKeyFile();
    const script = `
      import { openKeyFile } from ${JSON.stringify(new URL('../../../src/core/node/key-file.ts', import.meta.url))};
      import { systemRandom } from ${JSON.stringify(new URL('../../../src/core/node/random.ts', import.meta.url))};
      const file = openKeyFile({ path: process.argv[1], random: systemRandom, clock: { now: () => 0 } });
      process.stdout.write('ready');
      for (;;) {
        await file.addSealingKey();
        await file.dropSealingKey(file.sealingKeys()[1].id);
      }`;
    const first = readKeyRing(path);
    for (let round = 0; round < 6; round += 1) {
      const changer = spawn(process.execPath, ['--input-type=module', '-e', script, path]);
      await once(changer.stdout, 'data');
      const until = performance.now() + 3 + round * 7;
      while (performance.now() < until) expect(readKeyRing(path).sealing.length).toBeGreaterThan(0);
      changer.kill('SIGKILL');
      await once(changer, 'close');
      const now = readKeyRing(path);
      expect([...now.auditKey]).toEqual([...first.auditKey]);
      expect([...now.namesKey]).toEqual([...first.namesKey]);
    }
    await openKeyFile(options(path)).addSealingKey();
    expect(existsSync(`${path}.new`)).toBe(false);
  });
});

describe('the counter of a name that nobody has', () => {
  it('is the same for all spellings of it, another for another name or key, and does not hold the name', async () => {
    const [ring, other] = [readKeyRing(await madeKeyFile()), readKeyRing(await madeKeyFile())];
    const counter = nameCounter(ring, nameKey('Hunter2 '));
    expect(counter).toMatch(/^name:[\w-]{43}$/);
    expect(nameCounter(ring, nameKey('hunter2'))).toBe(counter);
    expect(nameCounter(ring, nameKey('hunter3'))).not.toBe(counter);
    expect(nameCounter(other, nameKey('hunter2'))).not.toBe(counter);
    expect(counter.toLowerCase()).not.toContain('hunter');
  });
});
