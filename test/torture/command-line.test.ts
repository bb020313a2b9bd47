import { describe, expect, it } from 'vitest';
import { tortureArguments } from '../../torture/command-line.ts';

const NAMES = ['killed-saves', 'config-fuzz'];

describe('the words behind npm run torture', () => {
  it('go for the goal of the long run without any', () => {
    expect(tortureArguments([], NAMES)).toMatchObject({
      length: { kind: 'goal', goal: 'long' },
      seed: undefined,
      only: [],
    });
  });

  it('bring back what failed', () => {
    const words = ['--only', 'config-fuzz', '--seed', '20261124', '--rounds', '1'];
    expect(tortureArguments(words, NAMES)).toMatchObject({
      length: { kind: 'rounds', rounds: 1 },
      seed: 20_261_124,
      only: ['config-fuzz'],
    });
  });

  it('take minutes, jobs and a file for the figures', () => {
    expect(tortureArguments(['--minutes', '90', '--jobs', '1', '--json', 'out.json'], NAMES)).toEqual({
      length: { kind: 'minutes', minutes: 90 },
      seed: undefined,
      only: [],
      jobs: 1,
      json: 'out.json',
    });
  });

  it.each([
    [['--only', 'kindness']],
    [['--minutes', '0']],
    [['--minutes', 'ten']],
    [['--quick', '--minutes', '5']],
    [['--seed', '-1']],
    [['--json', '']],
    [['saves']],
  ])('refuse %j', (words) => {
    expect(() => tortureArguments(words, NAMES)).toThrow();
  });
});
