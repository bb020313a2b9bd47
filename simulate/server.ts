/**
 * The one server, `gatehouse serve`: the real core over a real facility, behind a model of the time that it takes. An answer to a password waits for a
 * core to hash it, then for the store; an answer to a code for the store alone. In an outage nobody is answered, and open connections break.
 */
import { Fault } from '../src/core/errors.ts';
import { beginLogin } from '../src/core/login/begin-login.ts';
import type { Ask, Message } from '../src/core/login/message.ts';
import type { Facility } from '../src/core/node/facility.ts';
import { loginDeps } from '../src/gate/login-world.ts';
import { unavailableConversation } from '../src/gate/unavailable-conversation.ts';
import type { Agenda } from './agenda.ts';
import type { Model } from './model.ts';
import { createStation, type Station } from './station.ts';
import { type Proofs, witnessed } from './witness.ts';

export type Server = {
  /** `proofs` hears what the store grants this conversation. */
  connect(who: { readonly user: string; readonly terminal: string }, proofs: Proofs): Connection;
  /** Undefined in an outage. */
  facility(): Facility | undefined;
  stop(): Promise<void>;
  start(): Promise<void>;
  readonly hashing: Station;
  readonly store: Station;
};

/** A conversation as a thin client has it: once the connection broke, all that it says is that the server is unavailable. */
export type Connection = {
  start(): Promise<readonly Message[]>;
  /** Gets in line at once. */
  answer(ask: Ask, value: string): Waiting;
  cancel(): Promise<readonly Message[]>;
  timeOut(): Promise<readonly Message[]>;
};

export type Waiting = {
  /** How long it will stand in the first line. */
  readonly aheadMs: number;
  /** After its time in both lines, in the agenda's time. */
  reply(): Promise<{ readonly said: readonly Message[]; readonly waitedMs: number }>;
};

export async function createServer(agenda: Agenda, model: Model, open: () => Promise<Facility>): Promise<Server> {
  const hashing = createStation(agenda, model.cores);
  const store = createStation(agenda, 1);
  let facility: Facility | undefined = await open();
  let outages = 0;

  async function pass(station: Station, serviceMs: number): Promise<number> {
    const { waitMs, doneAt } = station.enter(serviceMs);
    await agenda.until(doneAt);
    return waitMs;
  }

  return {
    hashing,
    store,
    facility: () => facility,
    connect(who, proofs) {
      const begunIn = outages;
      const broken = unavailableConversation(new Fault('unavailable', 'The server does not answer.'));
      const begun =
        facility === undefined
          ? broken
          : beginLogin({ ...loginDeps(facility), store: witnessed(facility.store, proofs) }, who);
      const conversation = () => (begunIn === outages ? begun : broken);
      return {
        start: () => conversation().start(),
        cancel: () => conversation().cancel(),
        timeOut: () => conversation().timeOut(),
        answer(ask, value) {
          const isAlive = () => begunIn === outages && facility !== undefined;
          const hashed = ask.field === 'password' && isAlive() ? hashing.enter(model.hashMs) : undefined;
          return {
            aheadMs: hashed?.waitMs ?? 0,
            async reply() {
              if (hashed !== undefined) await agenda.until(hashed.doneAt);
              const inStore = isAlive() ? await pass(store, model.storeMs / 2) : 0;
              const said = await conversation().answer(ask.id, value);
              return { said, waitedMs: (hashed?.waitMs ?? 0) + inStore };
            },
          };
        },
      };
    },
    async stop() {
      outages += 1;
      hashing.clear();
      store.clear();
      await facility?.close();
      facility = undefined;
    },
    async start() {
      // Whoever came while nobody answered has no connection that could come to life.
      outages += 1;
      facility = await open();
    },
  };
}
