/**
 * Notices what other processes write (SPEC §5: within 2 s): asks the store's revision at each tick, and has the screen read
 * again when it changed. Where reading takes long, the next waits: at most a fifth of the time goes into it.
 */
import type { Directory } from '../core/directory/directory.ts';
import { toFault } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

export type Watch = {
  /** Resolves when a reading that it began is over. */
  poll(): Promise<void>;
  /** Takes the store as it is now for seen; before anything is read for a screen. */
  begin(): Promise<void>;
  /** The console itself has written: looks at once. */
  soon(): void;
  /** The revision that was last seen. */
  seen(): string | undefined;
};

export function watchStore(watched: {
  readonly directory: Pick<Directory, 'revision'>;
  readonly clock: Clock;
  readonly onChange: () => Promise<void>;
  /** The store could not be asked; told once until it answers again. */
  readonly onFault: (text: string) => void;
}): Watch {
  const { directory, clock, onChange, onFault } = watched;
  let seen: string | undefined;
  let under: 'way' | undefined;
  let notBefore = 0;
  let faulty = '';

  async function look(): Promise<void> {
    const revision = await directory.revision();
    faulty = '';
    if (revision === seen) return;
    seen = revision;
    const began = clock.now();
    await onChange();
    notBefore = clock.now() + 4 * Math.max(0, clock.now() - began);
  }

  async function poll(): Promise<void> {
    if (under !== undefined || clock.now() < notBefore) return;
    under = 'way';
    try {
      await look();
    } catch (thrown) {
      const { message } = toFault(thrown);
      if (message !== faulty) onFault(message);
      faulty = message;
    } finally {
      under = undefined;
    }
  }

  return {
    poll,
    async begin() {
      // Where it cannot be asked, the first poll says so.
      seen = await directory.revision().catch(() => undefined);
    },
    soon() {
      notBefore = 0;
      void poll();
    },
    seen: () => seen,
  };
}
