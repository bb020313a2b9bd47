/** Bundles the program into dist: `node build.ts`. Dear parts (Ink, sql.js, argon2) are loaded only by what needs them. */
import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const external = ['@node-rs/argon2', 'fs-native-extensions', 'sql.js', 'pg'];

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { gatehouse: 'src/cli/main.ts', gate: 'src/gate/index.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: false,
  external,
  alias: { 'react-devtools-core': './src/tui/no-devtools.ts' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod('dist/gatehouse.mjs', 0o644);
