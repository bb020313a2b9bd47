/** A program of the tests, bundled as the product is (production React, nothing to resolve at its start). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

/** Path of a file that node runs. Gone after the suite. */
export async function bundledProgram(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-program-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: { program: source },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    alias: {
      'react-devtools-core': './src/terminal/no-devtools.ts',
      'terminal-size': './src/terminal/no-size-programs.ts',
    },
    inject: ['src/terminal/data-fetch.ts'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', fetch: 'fetchData' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return join(folder, 'program.mjs');
}
