/** What ends a login from outside: a signal, a hang-up, the time. The first one counts. */
import type { Interruption } from './run-conversation.ts';

export type Interrupt = {
  readonly happened: Promise<Interruption>;
  now(why: Interruption): void;
  /** Somebody who installs an app and scans needs longer: at least so many seconds from now. */
  allow(seconds: number): void;
  /** The login is over; its time stops. */
  over(): void;
};

export function interruption(timeoutSeconds: number): Interrupt {
  const { promise, resolve } = Promise.withResolvers<Interruption>();
  const timeOut = () => resolve('timed-out');
  let endsAt = performance.now() + timeoutSeconds * 1000;
  let timer = setTimeout(timeOut, timeoutSeconds * 1000);
  return {
    happened: promise,
    now: resolve,
    allow(seconds) {
      const later = performance.now() + seconds * 1000;
      if (later <= endsAt) return;
      endsAt = later;
      clearTimeout(timer);
      timer = setTimeout(timeOut, seconds * 1000);
    },
    over: () => clearTimeout(timer),
  };
}
