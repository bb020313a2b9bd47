/** Kernel locks of fs-native-extensions: OFD locks on Linux, BSD locks on macOS, LockFileEx on Windows. */
import { nativeAddon } from './native-addon.ts';

export type NativeLock = {
  /** An exclusive lock of the whole open file description; false where another one holds it. */
  tryLock(fd: number): boolean;
  /** A lock of which many may be held at once, and none beside an exclusive one. The descriptor has to be readable. */
  tryShare(fd: number): boolean;
  unlock(fd: number): void;
};

/** Throws where the package has no build for this system. */
export function loadNativeLock(): NativeLock {
  const file = `fs-native-extensions/prebuilds/${process.platform}-${process.arch}/fs-native-extensions.node`;
  const binding = nativeAddon(file, (require) => require('fs-native-extensions/binding.js'));
  if (!isBinding(binding)) throw new Error('fs-native-extensions is not what it was when Gatehouse was built.');
  return {
    tryLock: (fd) => isGranted(() => binding.tryLock(fd, ...WHOLE_FILE, true)),
    tryShare: (fd) => isGranted(() => binding.tryLock(fd, ...WHOLE_FILE, false)),
    unlock: (fd) => binding.unlock(fd, ...WHOLE_FILE),
  };
}

function isGranted(lock: () => void): boolean {
  try {
    lock();
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN') return false;
    throw thrown;
  }
}

/** Offset and length; a length of 0 reaches to wherever the file ends. */
const WHOLE_FILE = [0, 0] as const;

type Binding = {
  /** Throws `EAGAIN` where another holds it. */
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void;
  unlock(fd: number, offset: number, length: number): void;
};

function isBinding(loaded: unknown): loaded is Binding {
  return typeof loaded === 'object' && loaded !== null && 'tryLock' in loaded && 'unlock' in loaded;
}
