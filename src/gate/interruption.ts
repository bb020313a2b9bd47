/** What ends a login from outside: a signal, a hang-up, the time. The first one counts. */
import type { Interruption } from './run-conversation.ts';

export type Interrupt = {
  readonly happened: Promise<Interruption>;
  now(why: Interruption): void;
  /** The login is over; its time stops. */
  over(): void;
};

export function interruption(timeoutSeconds: number): Interrupt {
  const { promise, resolve } = Promise.withResolvers<Interruption>();
  const timer = setTimeout(() => resolve('timed-out'), timeoutSeconds * 1000);
  return { happened: promise, now: resolve, over: () => clearTimeout(timer) };
}
