/** System calls of a durable write that are watched, or fail at the n-th. */
import { type FileCalls, NODE_FILE_CALLS } from '../../src/core/node/durable-write.ts';

/** The real calls; `names` tells which were made, in order. */
export function recordingCalls(): { readonly calls: FileCalls; readonly names: readonly string[] } {
  const names: string[] = [];
  return { calls: watched((name) => void names.push(name)), names };
}

/** The n-th call (1 is the first) fails with this errno and does nothing; those before and after it are real. */
export function failingCalls({ nth, errno }: { readonly nth: number; readonly errno: string }): FileCalls {
  let count = 0;
  return watched((name) => {
    count += 1;
    if (count === nth) throw Object.assign(new Error(`${errno}: ${name}`), { code: errno });
  });
}

function watched(before: (name: string) => void): FileCalls {
  const call = <T>(name: string, real: () => Promise<T>): Promise<T> => {
    before(name);
    return real();
  };
  return {
    open: async (...args) => call('open', () => NODE_FILE_CALLS.open(...args)),
    write: async (...args) => call('write', () => NODE_FILE_CALLS.write(...args)),
    size: async (...args) => call('size', () => NODE_FILE_CALLS.size(...args)),
    fsync: async (...args) => call('fsync', () => NODE_FILE_CALLS.fsync(...args)),
    rename: async (...args) => call('rename', () => NODE_FILE_CALLS.rename(...args)),
    unlink: async (...args) => call('unlink', () => NODE_FILE_CALLS.unlink(...args)),
    // A close that fails has closed all the same (POSIX leaves it open; Linux closes).
    close: async (fd) => {
      await NODE_FILE_CALLS.close(fd);
      await call('close', async () => undefined);
    },
  };
}
