/**
 * Bundles the program into dist: `node build.ts`. What a person waits for at a log-on is small and loaded first; dear parts (Ink,
 * sql.js, argon2) are chunks that only what needs them loads. `node build.ts --sizes` says what each command loads at its start.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type PluginBuild } from 'esbuild';

const shared = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  minify: true,
  metafile: true,
  external: ['@node-rs/argon2', 'fs-native-extensions', 'sql.js', 'pg'],
  alias: {
    'react-devtools-core': './src/terminal/no-devtools.ts',
    'terminal-size': './src/terminal/no-size-programs.ts',
    '@node-rs/argon2': './src/core/node/native-argon2.ts',
  },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  logLevel: 'warning',
} as const satisfies BuildOptions;

await rm('dist', { recursive: true, force: true });

// What a log-on needs for its first question: one CommonJS file, which Node loads 15 ms sooner than ES modules in several. Its
// syntax is old enough for the Node that will be told that it is too old.
const OPENED_DOOR = 'src/gate/opened-door.ts';
const loadedLater = new Map<string, string>();
const first = await build({
  ...shared,
  entryPoints: { gatehouse: 'src/cli/main.ts' },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  target: 'node14',
  plugins: [{ name: 'load later', setup: loadLater }],
});

// What its answers need, again as one file, for the same reason: two dozen ES modules cost a log-on as much as its password.
const second = await build({
  ...shared,
  entryPoints: { 'parts/gate-opened-door': OPENED_DOOR },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  target: 'node22',
  // `require` is quicker too.
  supported: { 'dynamic-import': false },
  define: { ...shared.define, 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
});

// Everything else, and the library. The three share no module instance: values that cross over are plain (no `instanceof`).
const rest = await build({
  ...shared,
  entryPoints: { gate: 'src/gate/index.ts', ...Object.fromEntries(loadedLater) },
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
  splitting: true,
  format: 'esm',
  target: 'node22',
  inject: ['src/terminal/data-fetch.ts'],
  define: { ...shared.define, fetch: 'fetchData' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

/** A dynamic import of the first build becomes an entry point of another: the opened door of the second, all others of the last. */
function loadLater({ onResolve, onLoad, resolve }: PluginBuild): void {
  onResolve({ filter: /^/ }, async ({ path, kind, resolveDir, namespace }) => {
    if (namespace === 'opened-door') return { path, external: true };
    if (kind !== 'dynamic-import') return undefined;
    const target = await resolve(path, { kind: 'import-statement', resolveDir });
    if (target.external) return undefined;
    const source = relative('.', target.path);
    if (source === OPENED_DOOR) return { path: source, namespace: 'opened-door' };
    const name = `parts/${source.replace(/^src\/|\.tsx?$|\.js$/g, '').replaceAll('/', '-')}`;
    loadedLater.set(name, target.path);
    return { path: `./${name}.mjs`, external: true };
  });
  onLoad({ filter: /^/, namespace: 'opened-door' }, () => ({
    contents: "module.exports = require('./parts/gate-opened-door.cjs');",
  }));
}

// Types of the library, for hosts in TypeScript. The compiler is not there where only the bundle is wanted.
if (existsSync('node_modules/typescript/bin/tsc') && !process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
}
if (process.argv.includes('--sizes')) {
  for (const { metafile } of [first, second, rest]) printSizes(metafile);
}

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
