/** The torture's own tools: a fault that does not strike would make every torment pass. */
import '../../torture/counted-calls.ts';

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { faulty } from '../../torture/counted-calls.ts';

async function written(fault: Parameters<typeof faulty>[0]['fault']) {
  // Loaded behind the faults, as the torments do.
  const { writeDurably } = await import('../../src/core/node/durable-write.ts');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-faulty-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const write = { path, temporary: `${path}.new`, bytes: Buffer.from('0123456789'), what: 'file' };
  let frozen = false;
  const onFrozen = () => {
    frozen = true;
  };
  const ended = faulty({ fault, onFrozen }, async (calls) => {
    const outcome = await writeDurably(write).then(
      () => 'written',
      (thrown: Error) => thrown.message.replace(/^.*: /, ''),
    );
    return { outcome, made: calls.made, struck: calls.struck?.replace('Sync', '') };
  });
  return { path, ended, isFrozen: () => frozen };
}

it('counts the calls of a save, and lets the one fail that it is told', async () => {
  const whole = await (await written(undefined)).ended;
  expect(whole).toMatchObject({ outcome: 'written', struck: undefined });
  const outcomes = [];
  for (let nth = 1; nth <= whole.made; nth += 1) {
    const { outcome, struck } = await (await written({ kind: 'fails', errno: 'EIO', nth })).ended;
    expect(outcome).toBe('the disk reports an error.');
    outcomes.push(struck);
  }
  expect(new Set(outcomes)).toEqual(new Set(['unlink', 'open', 'write', 'fstat', 'fsync', 'close', 'rename']));
});

it('makes a write short, or the disk full from there on', async () => {
  expect(await (await written({ kind: 'short', nth: 3 })).ended).toMatchObject({ outcome: 'written', struck: 'write' });
  const full = await (await written({ kind: 'full', nth: 1 })).ended;
  expect(full).toMatchObject({ outcome: 'no space is left on the disk.', struck: 'write' });
});

it('freezes the work half way through a write, for ever', async () => {
  const { path, isFrozen } = await written({ kind: 'frozen-half-way', nth: 3 });
  await expect.poll(isFrozen).toBe(true);
  expect(readFileSync(`${path}.new`, 'utf8')).toBe('01234');
  expect(() => statSync(path)).toThrow();
});
