import { expect, it } from 'vitest';
import { engineAdvice, SQLJS_USERS } from '../../src/core/engine-advice.ts';

it('advises another engine where sqljs has more users than it serves well, and nobody else', () => {
  expect(engineAdvice('sqljs', SQLJS_USERS)).toBeUndefined();
  expect(engineAdvice('sqljs', SQLJS_USERS + 1)).toMatch(/^With 25,001 users .*\.$/);
  expect(engineAdvice('sqlite', 1_000_000)).toBeUndefined();
  expect(engineAdvice('postgres', 1_000_000)).toBeUndefined();
});
