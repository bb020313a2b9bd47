/** Notices that config.ini changed. A file that is just being written is waited for until it stands still. */
import { lstatSync } from 'node:fs';

/** `changed` is called once a change. Returns what stops the watching. */
export function watchConfig(watch: {
  readonly path: string;
  readonly everyMs: number;
  readonly changed: () => void;
}): () => void {
  const { path, everyMs, changed } = watch;
  let read = versionOf(path);
  let seen = read;
  // A look a second costs nothing, and goes right on every file system and however an editor writes.
  const timer = setInterval(() => {
    const now = versionOf(path);
    const still = now === seen;
    seen = now;
    if (!still || now === read) return;
    read = now;
    changed();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return '';
  }
}
