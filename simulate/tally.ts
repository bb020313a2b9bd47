/** What is counted while the day goes by: each arrival with its one verdict, what it waited, and what the audit trail was told. */
import type { AuditEventName } from '../src/core/audit-event.ts';
import type { Done } from '../src/core/login/message.ts';

export type Outcome = Done['outcome'];

export type Arrival = {
  readonly at: number;
  /** Undefined while it is under way. */
  outcome: Outcome | undefined;
  /** In the lines of the server, over all its answers. */
  waitedMs: number;
};

export type Tally = {
  readonly arrivals: readonly Arrival[];
  /** Events of the audit trail, with how many. */
  readonly events: ReadonlyMap<AuditEventName, number>;
  readonly grantsWithoutProof: number;
  readonly givenUp: number;
  readonly calls: ReadonlyMap<string, number>;
  readonly methods: ReadonlyMap<string, number>;
};

export type Counting = {
  readonly tally: Tally;
  arrive(at: number): Arrival;
  /** Throws where the arrival has its verdict already. */
  settle(arrival: Arrival, done: Done, proofs: readonly string[]): void;
  giveUp(): void;
  call(about: string): void;
  /** An event of the audit trail. */
  recorded(event: AuditEventName): void;
};

export function createCounting(): Counting {
  const arrivals: Arrival[] = [];
  const events = new Map<AuditEventName, number>();
  const calls = new Map<string, number>();
  const methods = new Map<string, number>();
  const tally = { arrivals, events, grantsWithoutProof: 0, givenUp: 0, calls, methods };
  return {
    tally,
    arrive(at) {
      const arrival: Arrival = { at, outcome: undefined, waitedMs: 0 };
      arrivals.push(arrival);
      return arrival;
    },
    settle(arrival, done, proofs) {
      if (arrival.outcome !== undefined) throw new Error('An arrival was given two verdicts.');
      arrival.outcome = done.outcome;
      if (done.outcome !== 'granted') return;
      add(methods, done.method);
      if (!proofs.includes(done.method)) tally.grantsWithoutProof += 1;
    },
    giveUp() {
      tally.givenUp += 1;
    },
    call: (about) => add(calls, about),
    recorded: (event) => add(events, event),
  };
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
