/** What the bundle has in place of `@node-rs/argon2`: the same functions, found by the name of their file. */
import { nativeAddon } from './native-addon.ts';

type Argon2 = typeof import('@node-rs/argon2');

/** For musl and whatever else is not glibc there is another file; the package's own loader knows. */
const file = `@node-rs/argon2-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;

export const { hash, verify } = nativeAddon(file, (require) => require('@node-rs/argon2')) as Pick<
  Argon2,
  'hash' | 'verify'
>;
