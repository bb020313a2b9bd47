/**
 * Native code by the name of its file: the loaders of the packages look in many places first, which costs every log-on 10 to 20 ms of
 * processor time. Where the file is not there, or not for this system, the package's own loader decides.
 */
import { createRequire } from 'node:module';
import { packedAddon } from './packed-addon.ts';

const load = createRequire(import.meta.url);

/** What `file` exports (its name as `require` takes it), or else what `otherwise` gives. Casts are the caller's, who knows the package. */
export function nativeAddon(file: string, otherwise: (require: NodeJS.Require) => unknown): unknown {
  const packed = packedAddon(file);
  if (packed !== undefined) return packed;
  try {
    return load(file);
  } catch {
    return otherwise(load);
  }
}
