/** A fake gate answers only at a socket that is called so: no configuration of a real facility can come to name one by accident. */
import { basename } from 'node:path';

/** True for `fake.sock`, `gate-fake.sock`, `my.fake`. */
export function isFakeSocket(path: string): boolean {
  return basename(path).split(/[-_.]/).includes('fake');
}
