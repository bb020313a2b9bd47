/** What people read in place of the options that front ends answer with. */
import { expect, it } from 'vitest';
import { optionWords } from '../../../src/core/login/wording.ts';

it('has words for each option, and shows one that it does not know as it is', () => {
  const options = ['pair', 'code', 'later', 'show', 'skip', 'continue'];
  const words = options.map(optionWords);
  expect(words).toEqual(words.map(() => expect.stringMatching(/^[A-Z][a-z ]+$/)));
  expect(new Set(words).size).toBe(options.length);
  expect(optionWords('of a newer server')).toBe('of a newer server');
});
