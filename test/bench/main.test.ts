/** The bench as a process: what it leaves, and how it ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

function bench(...words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const main = join(import.meta.dirname, '../../bench/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, folder };
}

describe('the bench as a whole', () => {
  it('writes the figures as JSON, ends with 1 exactly where one does not hold, and leaves nothing else', () => {
    const { status, stdout, folder } = bench('--quick', '--only', 'waiting-memory', '--json', 'figures.json');
    const figures: readonly { name: string; holds: boolean }[] = JSON.parse(
      readFileSync(join(folder, 'figures.json'), 'utf8'),
    );
    expect(figures.map(({ name }) => name)).toEqual(['memory, line gate waiting', 'memory, Ink gate waiting']);
    for (const figure of figures) {
      expect(Object.keys(figure)).toEqual(['name', 'value', 'unit', 'limit', 'ratio', 'goal', 'holds']);
      expect(stdout).toContain(figure.name);
    }
    expect(status).toBe(figures.every(({ holds }) => holds) ? 0 : 1);
    expect(readdirSync(folder)).toEqual(['figures.json']);
  });

  it('says which words it knows, and ends with 64, where it is given others', () => {
    const { status, stderr, folder } = bench('--fast');
    expect(status).toBe(64);
    expect(stderr).toContain('--quick');
    expect(readdirSync(folder)).toEqual([]);
  });
});
