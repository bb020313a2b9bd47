import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { droppedNames } from '../../tools/standalone/dropped-names.ts';

test('reads every name that the launcher drops, over its line ends', () => {
  const names = droppedNames(readFileSync('bin/gatehouse', 'utf8'));
  expect(names).toEqual(
    expect.arrayContaining(['NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'LD_PRELOAD', 'GATEHOUSE_QUIETED']),
  );
  expect(names.every((name) => /^[A-Z][A-Z0-9_]+$/.test(name))).toBe(true);
});

test('is no empty list where the launcher has changed', () => {
  expect(() => droppedNames('unset $names\n')).toThrow('no list of names');
});
