/** docs/acceptance.md tells of every line of the contract, and only of tests and torments that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TORMENTS } from '../../torture/torments.ts';

const text = readFileSync('docs/acceptance.md', 'utf8');
const rows = text.split('\n').filter((line) => /^\| C\d+ \|/.test(line));
const cells = rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));

describe('docs/acceptance.md', () => {
  it('has each line from C1 to C40 once, and further ones, in order, with an attack, a test and a figure', () => {
    const numbers = cells.map(([line = '']) => Number(line.slice(1)));
    expect(numbers.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    for (const [line, attack = '', tests = '', figure = ''] of cells) {
      expect([line, attack.length > 10, tests.includes('`test/'), figure.length > 5]).toEqual([line, true, true, true]);
    }
  });

  it('names files that are there', () => {
    const files = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(60);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names torments that are there, and has a figure of each', () => {
    const names = TORMENTS.map(({ name }) => name);
    const named = [...text.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
    expect(names.filter((name) => !named.includes(name))).toEqual([]);
  });
});
