/**
 * `pg`, loaded when first needed. Invariant: nothing that the person who logs in has set decides where a connection goes or what it does. `pg` looks into
 * the environment for whatever it was not told (PG*, USER); while it makes a client there is none. `~/.pgpass` it does not look for, since the
 * password comes from a function. NODE_PG_FORCE_NATIVE, which would put another library in its place when it is loaded, is taken away.
 */
import { Socket } from 'node:net';
import type { Client, ClientConfig, default as Pg } from 'pg';

export type PostgresModule = Pick<typeof Pg, 'Pool' | 'Query'> & {
  /** For `Pool`: clients whose errors end no process, and that can be cut off. */
  readonly Client: new (
    config?: ClientConfig,
  ) => Client;
};

let loading: Promise<PostgresModule> | undefined;

export function loadPostgres(): Promise<PostgresModule> {
  loading ??= load();
  return loading;
}

/** Ends a connection at once, whatever it waits for. */
export function cutOff(client: object): void {
  sockets.get(client)?.destroy();
}

const sockets = new WeakMap<object, Socket>();

async function load(): Promise<PostgresModule> {
  delete process.env.NODE_PG_FORCE_NATIVE;
  const { default: pg } = await import('pg');
  class QuietClient extends pg.Client {
    constructor(config: ClientConfig = {}) {
      const socket = new Socket();
      const environment = process.env;
      process.env = {};
      try {
        // Of a pool's options the password is the one that is not copied along.
        super({ ...config, password: config.password, stream: () => socket });
      } finally {
        process.env = environment;
      }
      sockets.set(this, socket);
      // Whoever waits for an answer gets the error as well.
      this.on('error', () => undefined);
    }
  }
  return { Pool: pg.Pool, Query: pg.Query, Client: QuietClient };
}
