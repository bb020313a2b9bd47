/**
 * The package as `npm pack` makes it, unpacked into a project outside of the repository. Beside it stand only the packages that it names
 * as its dependencies, linked to the clone's: no network, and what it forgot to name is not found.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';

/** The clone that is packed: that of the program under test. */
const CLONE = resolve(GATEHOUSE, '../..');

export type Project = {
  readonly folder: string;
  /** Paths in the tarball, without `package/`. */
  readonly packed: readonly string[];
  write(name: string, text: string): string;
};

/** Called in a `describe`; the project is there when its tests run. */
export function packedProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-project-'));
  const packed: string[] = [];
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => {
    const call = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [tarball] = JSON.parse(
      execFileSync('npm', call, { cwd: CLONE, stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
    );
    packed.push(...tarball.files.map(({ path }: { path: string }) => path));
    const installed = join(folder, 'node_modules', 'gatehouse');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, tarball.filename), '--strip-components=1', '-C', installed]);
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    // What a project in TypeScript has of its own.
    for (const name of [...Object.keys(dependencies), '@types/node']) link(folder, name);
    mkdirSync(join(folder, 'node_modules', '.bin'));
    symlinkSync('../gatehouse/bin/gatehouse', join(folder, 'node_modules', '.bin', 'gatehouse'));
    // As by the package `node`: the system's may be too old.
    symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
    writeFileSync(join(folder, 'package.json'), '{"name":"host","private":true,"type":"module"}');
  });
  return {
    folder,
    packed,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}

function link(folder: string, name: string): void {
  const place = join(folder, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(CLONE, 'node_modules', name), place);
}
