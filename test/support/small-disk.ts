/** A disk of a few MiB that a test can fill to the last block: a tmpfs of its own. Mounting takes root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** '' where a test can mount one; else what stands behind its name. */
export const unlessSmallDisk = canMount() ? '' : ' (skipped: needs root and mount)';

export type SmallDisk = {
  readonly folder: string;
  /** Not one block is left. */
  fill(): void;
  free(): void;
  remount(how: 'ro' | 'rw'): void;
};

/** Gone with the test. `files`: at most so many can be on it. */
export function smallDisk(files?: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'));
  execFileSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=4m,mode=0700${files === undefined ? '' : `,nr_inodes=${files}`}`,
    'tmpfs',
    folder,
  ]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  const filler = join(folder, 'filler');
  return {
    folder,
    fill() {
      const fd = openSync(filler, 'a');
      const block = Buffer.alloc(4096);
      try {
        for (;;) writeSync(fd, block);
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')) throw thrown;
      } finally {
        closeSync(fd);
      }
    },
    free: () => rmSync(filler),
    remount: (how) => void execFileSync('mount', ['-o', `remount,${how}`, folder]),
  };
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  // In a mount namespace of its own, so that the attempt leaves nothing behind.
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
}
