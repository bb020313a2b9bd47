import { readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { PACKAGES } from '../../tools/standalone/packed-files.ts';

test('every package that dist leaves outside is packed, native ones apart', async () => {
  const files = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((name) => /\.[cm]js$/.test(name));
  const { metafile } = await build({
    entryPoints: files.map((name) => `dist/${name}`),
    outdir: 'nowhere',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Each file by itself.
    external: ['./*', '../*'],
    packages: 'external',
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const outside = imports.flatMap(({ path, external }) =>
    external === true && !isBuiltin(path) && !path.startsWith('.') ? [path] : [],
  );
  expect([...new Set(outside)].toSorted()).toEqual([...PACKAGES].toSorted());
});
