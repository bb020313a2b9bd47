import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulateArguments } from '../../simulate/command-line.ts';

describe('the words behind npm run simulate', () => {
  it('play 20,000 users at 50 sites on sqlite without any, and measure the times', () => {
    const without = { users: 20_000, sites: 50, seed: 1, engine: 'sqlite', hashMs: undefined, storeMs: undefined };
    expect(simulateArguments([])).toMatchObject(without);
  });

  it('take all of it', () => {
    const words = '--users 500 --sites 3 --seed 9 --engine sqljs --cores 4 --hash-ms 66.5 --store-ms 0';
    const all = { users: 500, sites: 3, seed: 9, engine: 'sqljs', cores: 4, hashMs: 66.5, storeMs: 0 };
    expect(simulateArguments(words.split(' '))).toEqual(all);
  });

  it.each([
    ['--users 5'],
    ['--users many'],
    ['--users 1e3'],
    ['--sites 0'],
    ['--cores 1.5'],
    ['--hash-ms -1'],
    ['--engine oracle'],
    ['--engine postgres'],
    ['--fast'],
    ['hospital'],
  ])('are refused with a sentence: %s', (words) => {
    expect(() => simulateArguments(words.split(' '))).toThrow(/\w/);
  });

  it('are told, with status 64, where they are others', () => {
    const main = join(import.meta.dirname, '../../simulate/main.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--fast'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('--users');
  });
});
