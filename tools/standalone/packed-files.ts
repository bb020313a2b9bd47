/** What goes into the executable: dist as it is, the packages that dist leaves outside, and the native parts. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const { resolve: packagePath } = createRequire(import.meta.url);

/** What build.ts leaves outside of dist, but for native code. */
export const PACKAGES = ['pg', 'sql.js'] as const;

const shared = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** The first script; `dropped` are names of the environment. */
export async function bundleMain(outfile: string, dropped: readonly string[]): Promise<void> {
  const define = { DROPPED_NAMES: JSON.stringify(dropped) };
  await build({ ...shared, entryPoints: ['src/standalone/main.ts'], outfile, define });
}

/** Name in the executable → absolute path of the file. What has to be made first is made in `folder`. */
export async function packedFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = { ...distFiles(), ...(await packageFiles(folder)), ...nativeFiles() };
  return Object.fromEntries(Object.entries(files).map(([name, path]) => [name, resolve(path)]));
}

/** The library and its types are for hosts with a Node of their own. */
function distFiles(): Readonly<Record<string, string>> {
  const names = readdirSync('dist', { recursive: true, encoding: 'utf8' });
  const packed = names.filter((name) => /\.[cm]js$/.test(name) && name !== 'gate.mjs');
  return Object.fromEntries(packed.map((name) => [name, join('dist', name)]));
}

/** Each package as one file: `packages/NAME.cjs` (src/standalone/packed-modules). */
async function packageFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = { 'sql-wasm.wasm': packagePath('sql.js/dist/sql-wasm.wasm') };
  for (const name of PACKAGES) {
    const outfile = join(folder, `${name}.cjs`);
    await build({ ...shared, ...HOW[name], outfile });
    files[`packages/${name}.cjs`] = outfile;
  }
  return files;
}

const HOW = {
  // pg-native is optional, and not there.
  pg: { entryPoints: ['pg'], external: ['pg-native'] },
  // Its users expect a function, as the package exports it.
  'sql.js': {
    entryPoints: ['src/standalone/packed-sqljs.ts'],
    footer: { js: 'module.exports = module.exports.default;' },
  },
} as const satisfies Readonly<Record<(typeof PACKAGES)[number], BuildOptions>>;

/** By the names that src/core/node/native-argon2 and native-lock ask for. */
function nativeFiles(): Readonly<Record<string, string>> {
  const { platform, arch } = process;
  const argon2 = `@node-rs/argon2-${platform}-${arch}-gnu`;
  const lock = `fs-native-extensions/prebuilds/${platform}-${arch}/fs-native-extensions.node`;
  const files = { [argon2]: packagePath(argon2), [lock]: join('node_modules', lock) };
  for (const path of Object.values(files)) if (!existsSync(path)) throw new Error(`${path} is missing: run npm ci.`);
  return files;
}
