/** docs/acceptance.md tells of every line of the contract, and only of tests and torments that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TORMENTS } from '../../torture/torments.ts';

const text = readFileSync('docs/acceptance.md', 'utf8');
const rows = text.split('\n').filter((line) => /^\| C\d+ \|/.test(line));
const cells = rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));

describe('docs/acceptance.md', () => {
  it('has each line from C1 on once, in order, with an attack, a test and a figure', () => {
    expect(cells.length).toBeGreaterThanOrEqual(45);
    expect(cells.map(([line]) => line)).toEqual(cells.map((_, index) => `C${index + 1}`));
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
