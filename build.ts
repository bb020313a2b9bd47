/**
 * Bundles the program into dist: `node build.ts`. What a person waits for at a log-on is small and loaded first; dear parts (Ink,
 * sql.js, argon2) are chunks that only what needs them loads. `node build.ts --sizes` says what each command loads at its start.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { build, type Metafile } from 'esbuild';

const external = ['@node-rs/argon2', 'fs-native-extensions', 'sql.js', 'pg'];

await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { gatehouse: 'src/cli/entry.ts', gate: 'src/gate/index.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: false,
  metafile: true,
  external,
  alias: { 'react-devtools-core': './src/terminal/no-devtools.ts' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
// Types of the library, for hosts in TypeScript. The compiler is not there where only the bundle is wanted.
if (existsSync('node_modules/typescript/bin/tsc') && !process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
}
if (process.argv.includes('--sizes')) printSizes(metafile);

/** Each output with what it loads at once, dynamic imports left out. */
function printSizes({ outputs }: Metafile): void {
  for (const [path, output] of Object.entries(outputs)) {
    if (output.entryPoint === undefined) continue;
    const loaded = staticClosure(path, outputs);
    const bytes = loaded.reduce((sum, part) => sum + (outputs[part]?.bytes ?? 0), 0);
    process.stdout.write(`${output.entryPoint}: ${loaded.length} files, ${bytes} bytes\n`);
    for (const part of loaded) {
      const inputs = Object.entries(outputs[part]?.inputs ?? {}).sort(
        ([, a], [, b]) => b.bytesInOutput - a.bytesInOutput,
      );
      for (const [input, { bytesInOutput }] of inputs.slice(0, 12))
        process.stdout.write(`  ${bytesInOutput}\t${input}\n`);
    }
  }
}

function staticClosure(path: string, outputs: Metafile['outputs'], seen: readonly string[] = []): readonly string[] {
  if (seen.includes(path)) return seen;
  const imports = outputs[path]?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external) ?? [];
  return imports.reduce<readonly string[]>((all, next) => staticClosure(next.path, outputs, all), [...seen, path]);
}
