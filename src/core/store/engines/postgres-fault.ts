/**
 * What PostgreSQL, the network and `pg` throw, as a Fault: server away or in the way of others is `busy`, what an administrator has to mend is `unavailable`,
 * everything else a defect of ours. By SQLSTATE alone (https://www.postgresql.org/docs/current/errcodes-appendix.html): messages are in any language.
 */
import { Fault, type FaultCode } from '../../errors.ts';
import { inert } from '../../visible-text.ts';

/** What becomes of the transaction in which it was thrown. */
export type Consequence =
  /** It is rolled back, and may succeed when it is run again. */
  | 'again'
  /** The same; run again, it sees what somebody else was faster with. If it does not, it never will. */
  | 'overtaken'
  /** The connection is of no use any more; whatever was sent last may or may not have been done. */
  | 'lost'
  | 'final';

/** What came over a connection, or did not, but as no word of the server: an error of the network, of TLS, or of `pg` about one of them. */
export class ConnectionError extends Error {}

/** For errors of `pg`'s own calls. */
export function connectionErrorOf(thrown: unknown): unknown {
  if (sqlStateOf(thrown) !== undefined || thrown instanceof Fault) return thrown;
  return new ConnectionError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

export function consequenceOf(thrown: unknown): Consequence {
  if (thrown instanceof Fault) return thrown.code === 'busy' ? 'again' : 'final';
  if (thrown instanceof ConnectionError) return 'lost';
  const state = sqlStateOf(thrown);
  if (state === undefined) return 'final';
  if (AGAIN.has(state)) return 'again';
  if (OVERTAKEN.has(state)) return 'overtaken';
  return LOST.has(state) || state.startsWith('08') ? 'lost' : 'final';
}

/** Serialisation failure, deadlock. */
const AGAIN: ReadonlySet<string> = new Set(['40001', '40P01']);

/** A unique key is taken; a table, a type or a column is there already. */
const OVERTAKEN: ReadonlySet<string> = new Set(['23505', '42P07', '42710', '42701']);

/**
 * Shut down, crashed, starting up, ended for idling; what became of a statement is not known (40003); what was the primary does not write any more (25006).
 */
const LOST: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '40003', '25006']);

export function postgresFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  if (thrown instanceof ConnectionError && isOfTls(thrown)) return unverified(thrown);
  // Words of `pg` alone: the server asked for a password, and there was none.
  if (thrown instanceof ConnectionError && thrown.message.includes('password')) return known(thrown, '28');
  const consequence = consequenceOf(thrown);
  if (consequence === 'lost') return away(thrown);
  const state = sqlStateOf(thrown) ?? '';
  if (consequence === 'again' || state === LOCK_TIMEOUT || state === STATEMENT_TIMEOUT) return inTheWay(thrown);
  return known(thrown, state);
}

function known(thrown: unknown, state: string): Fault {
  const { code = 'unavailable', text, hint } = KNOWN[state] ?? KNOWN[state.slice(0, 2)] ?? DEFECT;
  // Of a statement of ours the server may say what was in it.
  const why = code === 'internal' ? '' : said(thrown);
  return new Fault(code, `${text}${why}.`, { cause: thrown, hint });
}

export function away(cause: unknown): Fault {
  return new Fault('busy', 'The database server does not answer, or ended the connection.', {
    cause,
    hint: 'Try again; if it stays so, look at the PostgreSQL server and at Store.Url in config.ini.',
  });
}

/** A commit whose answer never came. */
export function inDoubt(cause: unknown): Fault {
  return new Fault('busy', 'The connection was lost while the database was to commit: whether it did is not known.', {
    cause,
    hint: 'Look at what is there now, and try again. A code that was used up by it is not accepted again: wait for the next one.',
  });
}

function inTheWay(cause: unknown): Fault {
  return new Fault('busy', 'The database is kept busy by others for too long.', { cause, hint: 'Try again.' });
}

function unverified(cause: Error): Fault {
  return new Fault('unavailable', `There is no trusted connection to the database server${said(cause)}.`, {
    cause,
    hint: 'Check its certificate, and sslmode and sslrootcert in Store.Url.',
  });
}

const LOCK_TIMEOUT = '55P03';
const STATEMENT_TIMEOUT = '57014';

type Known = { readonly code?: FaultCode; readonly text: string; readonly hint: string };

const DEFECT: Known = {
  code: 'internal',
  text: 'The database refused a statement of Gatehouse',
  hint: 'Look at the log of the PostgreSQL server.',
};
const ACCOUNT_HINT = 'Check account and password in Store.Url or its passfile, and pg_hba.conf of the server.';
const SCHEMA_HINT = 'Check the database in Store.Url, or restore a backup with `gatehouse restore`.';

/** By SQLSTATE or its class. */
const KNOWN: Readonly<Record<string, Known>> = {
  '28': { text: 'The database server refuses the account', hint: ACCOUNT_HINT },
  '3D': { text: 'There is no such database', hint: 'Check Store.Url, or make it: CREATE DATABASE' },
  '3F000': {
    text: 'The account has no schema to make tables in',
    hint: 'Make one for it: CREATE SCHEMA AUTHORIZATION',
  },
  '42501': { text: 'The database account may not do that', hint: 'Make it the owner of the tables and their schema.' },
  '42P01': { text: 'The database lacks a table', hint: SCHEMA_HINT },
  '42703': { text: 'The database lacks a column', hint: SCHEMA_HINT },
  '53300': {
    code: 'busy',
    text: 'The database server has no connection left',
    hint: 'Try again; raise max_connections.',
  },
  '53100': { text: 'The disk of the database server is full', hint: 'Make room on it; nothing was changed.' },
  '53': { text: 'The database server has run out of something', hint: 'Look at its disk and memory.' },
  '54': { text: 'The database server has a limit that is too low', hint: 'Look at its log.' },
  '58': { text: 'The database server has trouble with its files', hint: 'Look at its log and its disk.' },
  XX: { text: 'The database is damaged', hint: 'Look at the log of the server; restore a backup.' },
};

/** What the server says about it; a name in it may come from anywhere. */
function said(thrown: unknown): string {
  return thrown instanceof Error ? `: ${inert(thrown.message)}` : '';
}

/** In a transaction in which a statement failed before (in_failed_sql_transaction). */
export function isRefusedUnseen(thrown: unknown): boolean {
  return sqlStateOf(thrown) === '25P02';
}

function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(thrown.code) && 'severity' in thrown ? thrown.code : undefined;
}

/** Node's codes for certificates, and what `pg` says of a server that has no TLS. */
function isOfTls({ cause, message }: ConnectionError): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|TLS|SSL|VERIFY|SIGNATURE/.test(code) || message.includes('SSL connection');
}
