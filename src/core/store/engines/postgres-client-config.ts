/**
 * What a connection is told: everything, and nothing but what config.ini and the files named there say. Invariant: where TLS is asked for, it is there
 * or the connection is not; who the other side is stays unasked only where `sslmode=require` says so.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { assertNever } from '../../assert-never.ts';
import type { PostgresAddress } from '../../config/postgres-url.ts';
import { fileFault } from '../../node/file-fault.ts';
import { readGuarded } from '../../node/file-safety.ts';
import { passwordFrom, type Whose } from './postgres-passfile.ts';
import { parserOf } from './postgres-value.ts';

/** A server that answers nothing is given up after this long. */
export const CONNECT_MS = 5000;

/** Kept by the server: for how long a gate that was stopped, or lost its network, may hold up others. Milliseconds. */
const LOCK_MS = 5000;
export const STATEMENT_MS = 60_000;
const IDLE_IN_TRANSACTION_MS = 30_000;

/** One for each host of the address. Faults: those of the files that it names. */
export function clientConfigs(address: PostgresAddress): readonly ClientConfig[] {
  const user = address.user ?? userInfo().username;
  const ssl = tlsOptions(address);
  return address.hosts.map(({ host, port }) => ({
    host,
    port,
    user,
    database: address.database,
    // Asked for each connection: a password that is changed needs no restart.
    password: () => passwordOf(address, { host, port, user, database: address.database }),
    ssl,
    sslnegotiation: 'postgres',
    application_name: 'gatehouse',
    client_encoding: 'UTF8',
    lock_timeout: LOCK_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    pipeline: true,
    types: { getTypeParser: parserOf },
  }));
}

function passwordOf({ password, passfile }: PostgresAddress, whose: Whose): string {
  if (password !== undefined) return password;
  // A server that asks for none (a certificate, the account of a socket's other end) gets none; one that asks refuses this.
  return passfile === undefined ? '' : passwordFrom(passfile, whose);
}

function tlsOptions({ sslmode, sslrootcert, sslcert, sslkey }: PostgresAddress): false | ConnectionOptions {
  const options: ConnectionOptions = {
    minVersion: 'TLSv1.2',
    ...(sslrootcert === undefined ? {} : { ca: readCertificate(sslrootcert) }),
    ...(sslcert === undefined ? {} : { cert: readCertificate(sslcert) }),
    ...(sslkey === undefined ? {} : { key: readGuarded({ path: sslkey, what: 'key of the database account' }) }),
  };
  switch (sslmode) {
    case 'disable':
      return false;
    case 'require':
      return { ...options, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...options, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...options, rejectUnauthorized: true };
    default:
      return assertNever(sslmode);
  }
}

function readCertificate(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw fileFault(`The certificate ${path} could not be read`, thrown);
  }
}
