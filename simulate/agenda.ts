/**
 * Simulated time. Everybody in the play is a task that waits for moments; the agenda goes from one moment to the next once every task that is
 * awake waits again or is done, so that real files may take as long as they like, and the order is the same each time.
 */
import type { Clock } from '../src/core/ports.ts';

export type Agenda = {
  /** Milliseconds, with fractions. */
  now(): number;
  /** The same for the core, in whole milliseconds as a host's clock has them. */
  readonly clock: Clock;
  /** Begins a task at a moment, which is not before now. */
  at(epochMs: number, task: () => Promise<void>): void;
  /** Only inside a task: goes on when that moment has come. */
  until(epochMs: number): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Until nobody waits for anything. Rejects with what a task threw first. */
  run(): Promise<void>;
};

export function createAgenda(start: number): Agenda {
  const waiting = createHeap();
  let now = start;
  let awake = 0;
  let allAsleep: (() => void) | undefined;
  let broken: { readonly why: unknown } | undefined;

  function fallAsleep(): void {
    awake -= 1;
    if (awake === 0) allAsleep?.();
  }

  function until(epochMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(Math.max(now, epochMs), resolve);
    fallAsleep();
    return promise;
  }

  return {
    now: () => now,
    clock: { now: () => Math.floor(now) },
    at(epochMs, task) {
      waiting.add(Math.max(now, epochMs), () => {
        task()
          .catch((why: unknown) => {
            broken ??= { why };
          })
          .finally(fallAsleep);
      });
    },
    until,
    wait: (ms) => until(now + ms),
    async run() {
      for (let next = waiting.take(); next !== undefined && broken === undefined; next = waiting.take()) {
        now = next.at;
        const asleep = new Promise<void>((resolve) => {
          allAsleep = resolve;
        });
        awake += 1;
        next.wake();
        await asleep;
      }
      if (broken !== undefined) throw broken.why;
    },
  };
}

type Moment = { readonly at: number; readonly order: number; readonly wake: () => void };

/** A binary heap: the earliest first, of those at one time the one that was added first. */
function createHeap() {
  const moments: Moment[] = [];
  let added = 0;
  const isBefore = (one: Moment | undefined, other: Moment | undefined): boolean =>
    one !== undefined && other !== undefined && (one.at < other.at || (one.at === other.at && one.order < other.order));

  function swap(one: number, other: number): void {
    const [first, second] = [moments[one], moments[other]];
    if (first === undefined || second === undefined) return;
    moments[one] = second;
    moments[other] = first;
  }

  return {
    add(at: number, wake: () => void): void {
      added += 1;
      moments.push({ at, order: added, wake });
      let index = moments.length - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isBefore(moments[index], moments[parent])) return;
        swap(index, parent);
        index = parent;
      }
    },
    take(): Moment | undefined {
      const first = moments[0];
      const last = moments.pop();
      if (first === undefined || last === undefined || moments.length === 0) return first;
      moments[0] = last;
      for (let index = 0; ; ) {
        const [left, right] = [2 * index + 1, 2 * index + 2];
        const child = isBefore(moments[right], moments[left]) ? right : left;
        if (!isBefore(moments[child], moments[index])) return first;
        swap(index, child);
        index = child;
      }
    },
  };
}
