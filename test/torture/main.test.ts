/** The short run of the torture: every torment, with its figures. A failure says how to bring it back. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TORMENTS } from '../../torture/torments.ts';
import { PROPERTY_SEED } from '../support/properties.ts';

vi.setConfig({ testTimeout: 400_000 });

function torture(...words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  // A PostgreSQL server runs as somebody else, who has to get through here.
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const main = join(import.meta.dirname, '../../torture/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, folder };
}

describe('the torture', () => {
  it('loses nothing, lets nobody in, and leaves nothing behind, in its short run', () => {
    const { status, stdout, folder } = torture('--quick', '--seed', String(PROPERTY_SEED), '--json', 'figures.json');
    console.log(stdout);
    expect(stdout).not.toContain('FAILED');
    expect(status).toBe(0);
    const figures: readonly { readonly name: string; readonly counts: Readonly<Record<string, number>> }[] = JSON.parse(
      readFileSync(join(folder, 'figures.json'), 'utf8'),
    );
    for (const { name, counted, goals, missing } of TORMENTS) {
      if (missing?.() !== undefined) continue;
      const reached = figures.find((each) => each.name === name)?.counts[counted] ?? 0;
      expect(reached, name).toBeGreaterThanOrEqual(goals.short);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('gatehouse'))).toEqual([]);
  });

  it('says which words it knows, and ends with 64, where it is given others', () => {
    const { status, stderr } = torture('--kindly');
    expect(status).toBe(64);
    expect(stderr).toContain('--minutes N');
  });
});
