/** What `doctor` asks a PostgreSQL server: its version, who can listen, whose clock is right, and whether a fail-over may forget what was acknowledged. */
import { statSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { isLocal, type PostgresAddress, parsePostgresUrl } from '../config/postgres-url.ts';
import { openPostgres } from '../store/engines/postgres.ts';
import type { SqlEngine, SqlRow } from '../store/sql-engine.ts';
import { inert } from '../visible-text.ts';
import type { Check } from './doctor-check.ts';
import { systemClock } from './system-clock.ts';

/** Faults: those of the engine. */
export async function postgresChecks(store: Config['store'], configFile: string): Promise<readonly Check[]> {
  const reading = parsePostgresUrl(store.url);
  const engine = await openPostgres({ url: store.url, absent: 'refuse' });
  try {
    const before = systemClock.now();
    const now = await engine.now();
    const answered = (before + systemClock.now()) / 2;
    const [row = {}] = await engine.read((tx) => tx.all(SETTINGS));
    return [
      versionCheck(row),
      ...(reading.ok ? [lineCheck(reading.value), passwordCheck(reading.value, configFile)] : []),
      clockCheck(now - answered),
      durabilityCheck(row, await standbys(engine)),
    ];
  } finally {
    await engine.close();
  }
}

/** True for those a server of another make does not know: NULL. */
const SETTINGS = `SELECT current_setting('server_version', TRUE) AS version, current_setting('server_version_num', TRUE) AS number,
  current_setting('fsync', TRUE) AS fsync, current_setting('synchronous_commit', TRUE) AS synchronous_commit,
  current_setting('synchronous_standby_names', TRUE) AS synchronous_standby_names`;

/** Older ones get no more corrections (https://www.postgresql.org/support/versioning/). */
const OLDEST = 140_000;
const CLOCKS_APART_MS = 5000;

function versionCheck({ version, number }: SqlRow): Check {
  const text = `The server is PostgreSQL ${inert(String(version))}`;
  return Number(number) < OLDEST
    ? { name: 'server', level: 'warn', text: `${text}, which gets no corrections any more: upgrade it.` }
    : { name: 'server', level: 'ok', text: `${text}.` };
}

function lineCheck({ hosts, sslmode }: PostgresAddress): Check {
  const name = 'server-tls';
  if (isLocal(hosts)) return { name, level: 'ok', text: 'The server is on this machine.' };
  if (sslmode === 'disable') {
    const text = 'Passwords and codes go to the server in clear: take sslmode=disable out of Store.Url.';
    return { name, level: 'warn', text };
  }
  if (sslmode === 'require') {
    const text =
      'The connection is encrypted, to whoever answers: write sslmode=verify-full and sslrootcert into Store.Url.';
    return { name, level: 'warn', text };
  }
  return {
    name,
    level: 'ok',
    text: `The connection is encrypted, and the server's certificate is checked (${sslmode}).`,
  };
}

/** Everybody who logs on may have to read config.ini. */
function passwordCheck({ password, passfile }: PostgresAddress, configFile: string): Check {
  const name = 'server-password';
  const readable = (statSync(configFile).mode & 0o044) !== 0;
  if (password === undefined) {
    return {
      name,
      level: 'ok',
      text: passfile === undefined ? 'Store.Url has no password.' : `The password is in ${inert(passfile)}.`,
    };
  }
  const text = 'Store.Url has the password of the database';
  return readable
    ? { name, level: 'warn', text: `${text}, and others may read config.ini: put it into a file, ?passfile=/path.` }
    : { name, level: 'ok', text: `${text}; config.ini is its owner's alone to read.` };
}

function clockCheck(apartMs: number): Check {
  const seconds = Math.round(Math.abs(apartMs) / 1000);
  const side = apartMs > 0 ? 'ahead of' : 'behind';
  return Math.abs(apartMs) > CLOCKS_APART_MS
    ? {
        name: 'server-clock',
        level: 'warn',
        text: `The server's clock, which decides about codes, is ${seconds} s ${side} this host's. Set both by a time server.`,
      }
    : {
        name: 'server-clock',
        level: 'ok',
        text: "The server's clock, which decides about codes, agrees with this host's.",
      };
}

/** A code that was used is taken again where the note of it is lost (RFC 6238 §5.2). */
function durabilityCheck(row: SqlRow, replicas: number): Check {
  const name = 'server-commits';
  if (row.fsync === 'off' || row.synchronous_commit === 'off') {
    const which = row.fsync === 'off' ? 'fsync' : 'synchronous_commit';
    return {
      name,
      level: 'warn',
      text: `${which}=off on the server: a crash forgets log-ons, and their codes work again.`,
    };
  }
  if (replicas > 0 && (row.synchronous_standby_names === '' || row.synchronous_commit === 'local')) {
    const text =
      'The server has a replica that lags behind: after a fail-over used codes may work again. Set synchronous_standby_names.';
    return { name, level: 'warn', text };
  }
  return { name, level: 'ok', text: 'What the server acknowledges stays, also after a crash.' };
}

/** Where that is not to be known: none. */
async function standbys(engine: SqlEngine): Promise<number> {
  try {
    const [row] = await engine.read((tx) => tx.all('SELECT COUNT(*) AS replicas FROM pg_stat_replication'));
    return Number(row?.replicas ?? 0);
  } catch {
    return 0;
  }
}
