/**
 * Modules out of the executable. Invariant: a name is one of Node's own, or a file that was packed, or nothing: the disk is never looked at,
 * neither beside the executable nor in the folders of whoever runs it.
 */
import { createRequire, isBuiltin, type LoadHookSync, type ResolveHookSync, registerHooks } from 'node:module';
import { getAsset, getAssetKeys } from 'node:sea';
import { pathToFileURL } from 'node:url';

/** Loads a packed module; whatever it names in turn comes from the executable too. */
export function requirePacked(name: string): void {
  registerHooks({ resolve, load });
  createRequire(new URL('main', ROOT))(name);
}

/** Packed modules have URLs below the executable, where no file can be: it is no folder. */
const ROOT = pathToFileURL(`${process.execPath}/`).href;
const PACKED: ReadonlySet<string> = new Set(getAssetKeys());

const resolve: ResolveHookSync = (specifier, context, nextResolve) => {
  if (isBuiltin(specifier)) return nextResolve(specifier, context);
  const file = specifier.startsWith('.') ? beside(specifier, context.parentURL) : `packages/${specifier}.cjs`;
  if (!PACKED.has(file)) throw new Error(`There is no module ${specifier} in this program.`);
  return { url: ROOT + file, format: file.endsWith('.mjs') ? 'module' : 'commonjs', shortCircuit: true };
};

const load: LoadHookSync = (url, context, nextLoad) => {
  if (!url.startsWith(ROOT)) return nextLoad(url, context);
  const source = getAsset(url.slice(ROOT.length), 'utf8');
  return { format: context.format ?? 'commonjs', source, shortCircuit: true };
};

/** The packed file that a relative name means, seen from a packed module; from anywhere else there is none. */
function beside(specifier: string, parent: string | undefined): string {
  const { href } = new URL(specifier, parent);
  return href.startsWith(ROOT) ? href.slice(ROOT.length) : '';
}
