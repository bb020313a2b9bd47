/**
 * The audit folder is blocked, removed or replaced while several write. Records wait in the database up to Audit.QueueMax; then nothing is granted or changed any
 * more, and each failure still counts. When the folder is back, all of it is drained, and the trail has what was done and nothing else; where
 * records are lost for good, writers go on, and `audit verify` says so.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toFault } from '../../src/core/errors.ts';
import { userCounter } from '../../src/core/lockout.ts';
import { type AuditCalls, NODE_AUDIT_CALLS } from '../../src/core/node/audit-drain.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { integer } from '../../src/core/store/row-cells.ts';
import type { Random } from '../random.ts';
import { idOf, RULES } from '../store/any-write.ts';
import { FILE_ENGINES, type FileEngine } from '../store/engines.ts';
import { beginRecorded, copyRecorded, openRecorded, type RecordedStore, rowsIn } from '../store/recorded-store.ts';
import type { Counts, Torment, Victim } from '../torment.ts';

export const blockedTrails: Torment = {
  name: 'blocked-trails',
  about:
    'the audit folder blocked, full, removed or replaced while writers go on: nothing is granted beyond QueueMax, failures count, all is drained afterwards',
  counted: 'trails blocked',
  goals: { short: 5, long: 2000 },
  open: victim,
};

/** The least that config.ini takes: more than what is drained at once, so that a drain is tried in between. */
const QUEUE_MAX = 100;
const WRITERS = 3;
/** Behind a full queue, each writer. */
const IN_VAIN = 4;
const KINDS = ['edit', 'grant', 'fail'] as const;

async function victim(folder: string): Promise<Victim> {
  for (const engine of FILE_ENGINES) await beginRecorded({ engine, folder: join(folder, engine) });
  let rounds = 0;
  return {
    async round(random) {
      rounds += 1;
      const engine = random.pick(FILE_ENGINES);
      const place = join(folder, String(rounds));
      copyRecorded(join(folder, engine), place);
      const block = random.pick(BLOCKS);
      try {
        const counts = await undergone(random, { engine, folder: place, block });
        return { 'trails blocked': 1, [`  ${block.way}`]: 1, ...counts };
      } catch (thrown) {
        throw new Error(`${engine}, ${block.way}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    },
    close: async () => undefined,
  };
}

type Disk = { full: boolean };

type Block = {
  readonly way: string;
  /** Blocks what is in the folder; the answer takes that back, where it can be. */
  begin(audit: string, more: { readonly disk: Disk; readonly older: string }): (() => void) | 'lost';
};

const SEGMENT = 'audit-000000000001.jsonl';

const BLOCKS: readonly Block[] = [
  { way: 'a file in the place of the folder', begin: (audit) => replaced(audit, (path) => writeFileSync(path, '')) },
  { way: 'the first segment is a folder', begin: (audit) => replaced(join(audit, SEGMENT), (path) => mkdirSync(path)) },
  { way: 'the end is a folder', begin: (audit) => replaced(join(audit, 'end'), (path) => mkdirSync(path)) },
  { way: 'the lock is a folder', begin: (audit) => replaced(join(audit, 'lock'), (path) => mkdirSync(path)) },
  {
    way: 'the folder is open to all',
    begin(audit) {
      chmodSync(audit, 0o777);
      return () => chmodSync(audit, 0o700);
    },
  },
  {
    way: 'the disk is full',
    begin(_audit, { disk }) {
      disk.full = true;
      return () => {
        disk.full = false;
      };
    },
  },
  {
    way: 'all of it removed',
    begin(audit) {
      rmSync(audit, { recursive: true });
      return 'lost';
    },
  },
  {
    way: 'an older copy put back',
    begin(audit, { older }) {
      copyRecorded(older, audit);
      return 'lost';
    },
  },
  {
    way: 'its records removed',
    begin(audit) {
      for (const name of readdirSync(audit).filter((each) => each.endsWith('.jsonl'))) rmSync(join(audit, name));
      return 'lost';
    },
  },
];

function replaced(path: string, put: (path: string) => void): () => void {
  renameSync(path, `${path}.away`);
  put(path);
  return () => {
    rmSync(path, { recursive: true });
    renameSync(`${path}.away`, path);
  };
}

type Blocked = { readonly engine: FileEngine; readonly folder: string; readonly block: Block };

async function undergone(random: Random, { engine, folder, block }: Blocked): Promise<Counts> {
  const disk: Disk = { full: false };
  const calls = callsOf(disk);
  const open = () => openRecorded({ engine, folder, queueMax: QUEUE_MAX, calls });
  const writers = await Promise.all(Array.from({ length: WRITERS }, open));
  const [first] = writers;
  if (first === undefined) throw new Error('nobody writes');
  try {
    const audit = join(folder, 'audit');
    await first.trail.drain();
    copyRecorded(audit, `${audit}.older`);
    await doneBy(first, 'edit', 1);
    await first.trail.drain();
    // The rows that are in the files are deleted.
    await doneBy(first, 'edit', 2);
    const before = await countedIn(first);
    const whole = await recordedBy(first);
    const unblock = block.begin(audit, { disk, older: `${audit}.older` });
    const base = unblock === 'lost' ? await recordedBy(first) : whole;
    const tally = newTally(before.lastStep);
    const many = () => QUEUE_MAX / WRITERS + 10;
    const patient = unblock === 'lost';
    await Promise.all(writers.map((writer) => write(random, writer, { tally, times: many(), patient })));
    const full = await rowsIn(first.engine);
    if (full.lines.size > QUEUE_MAX + WRITERS) throw new Error(`${full.lines.size} records wait`);
    if (unblock !== 'lost') {
      await refuseGrants(writers, tally);
      unblock();
    }
    await first.trail.drain();
    await write(random, first, { tally, times: 3, all: true });
    await first.trail.drain();
    await judge(first, { before, base, tally, lost: unblock === 'lost' });
    return { 'acknowledged writes': tally.edit + tally.grant + tally.fail, 'writes refused': tally.refused };
  } finally {
    for (const writer of writers) await writer.close();
  }
}

function callsOf(disk: Disk): AuditCalls {
  return {
    ...NODE_AUDIT_CALLS,
    async write(fd, bytes, position) {
      if (disk.full) throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' });
      return NODE_AUDIT_CALLS.write(fd, bytes, position);
    },
  };
}

/** What was acknowledged, by kind. */
type Tally = { edit: number; grant: number; fail: number; refused: number; step: number };

function newTally(lastStep: number): Tally {
  return { edit: 0, grant: 0, fail: 0, refused: 0, step: lastStep };
}

type Writing = {
  readonly tally: Tally;
  readonly times: number;
  /** Nothing may be refused. */
  readonly all?: true;
  /** What is refused is tried again: it may only be that a drain is under way. */
  readonly patient?: boolean;
};

async function write(random: Random, writer: RecordedStore, { tally, times, all, patient }: Writing): Promise<void> {
  let tries = 0;
  for (let time = 0; time < times; time += 1) {
    const kind = random.pick(KINDS);
    tally.step += 1;
    try {
      const what = await doneBy(writer, kind, tally.step);
      if (what === 'done') tally[kind] += 1;
      else tally.fail += 1;
      tries = 0;
    } catch (thrown) {
      const { code, message } = toFault(thrown);
      if (code !== 'busy' || all || kind === 'fail') throw new Error(`${kind} was told as ${code}: ${message}`);
      tally.refused += 1;
      if (patient !== true) continue;
      tries += 1;
      if (tries > MOST_TRIES) throw new Error('records are lost, and nobody gets in any more');
      time -= 1;
      await pause(20);
    }
  }
}

/** A drain that failed is tried again after a second. */
const MOST_TRIES = 500;

/** `counted`: another writer was faster with a later code; that is a failure. */
async function doneBy(
  { store }: RecordedStore,
  kind: (typeof KINDS)[number],
  step: number,
): Promise<'done' | 'counted'> {
  switch (kind) {
    case 'edit':
      await store.editUser({ id: idOf('alice'), changes: { display: `edit ${step}` } });
      return 'done';
    case 'grant': {
      const claim = await store.claimTimeStep({ userId: idOf('dave'), pairingId: 'p-dave', step, rules: RULES });
      return claim.kind === 'claimed' ? 'done' : 'counted';
    }
    case 'fail':
      await store.claimTimeStep({ userId: idOf('bob'), pairingId: 'p-bob', step: null, rules: RULES });
      return 'done';
  }
}

/** The queue is full now: each grant and each change is refused, by each writer, and changes nothing; a failure counts. */
async function refuseGrants(writers: readonly RecordedStore[], tally: Tally): Promise<void> {
  for (const writer of writers) {
    const before = await countedIn(writer);
    for (let time = 0; time < IN_VAIN; time += 1) {
      tally.step += 1;
      for (const kind of ['edit', 'grant'] as const) {
        const code = await doneBy(writer, kind, tally.step).catch((thrown: unknown) => toFault(thrown).code);
        if (code !== 'busy') throw new Error(`behind a full queue a ${kind} was told as ${code}`);
        tally.refused += 1;
      }
      await doneBy(writer, 'fail', tally.step);
      tally.fail += 1;
    }
    const after = await countedIn(writer);
    if (after.edits !== before.edits || after.lastStep !== before.lastStep) throw new Error('a refused write was done');
    if (after.failures !== before.failures + IN_VAIN) throw new Error('a failure behind a full queue was not counted');
  }
}

/** By the tables. */
async function countedIn({ engine }: RecordedStore) {
  return engine.read(async (tx) => {
    const [alice] = await tx.all('SELECT edit_version FROM users WHERE id = ?', [idOf('alice')]);
    const [dave] = await tx.all('SELECT last_step FROM users WHERE id = ?', [idOf('dave')]);
    const counts = await tx.all("SELECT failures FROM failures WHERE factor = 'code' AND counter = ?", [
      userCounter(idOf('bob')),
    ]);
    return {
      edits: alice === undefined ? 0 : integer(alice, 'edit_version'),
      lastStep: dave === undefined ? 0 : integer(dave, 'last_step'),
      failures: counts.reduce((sum, row) => sum + integer(row, 'failures'), 0),
    };
  });
}

type Recorded = Readonly<Record<(typeof KINDS)[number], number>>;

/** By the trail. */
async function recordedBy({ trail }: RecordedStore): Promise<Recorded> {
  const records: AuditRecord[] = [];
  for await (const record of trail.read()) records.push(record);
  const of = (event: AuditRecord['event'], id: string) =>
    records.filter((record) => record.event === event && record.userId === id).length;
  const skipped = records.reduce((sum, { event, count = 0 }) => sum + (event === 'audit.skipped' ? count : 0), 0);
  return {
    edit: of('user.edited', idOf('alice')),
    grant: of('login.granted', idOf('dave')),
    fail: of('code.wrong', idOf('bob')) + of('code.reused', idOf('dave')) + skipped,
  };
}

type Outcome = {
  readonly before: { readonly edits: number };
  /** What the trail still had. */
  readonly base: Recorded;
  readonly tally: Tally;
  readonly lost: boolean;
};

async function judge(writer: RecordedStore, { before, base, tally, lost }: Outcome): Promise<void> {
  const verified = await writer.trail.verify();
  if (verified.ok === lost)
    throw new Error(lost ? 'lost records go unseen' : `record ${verified.firstBroken} is broken`);
  const now = await countedIn(writer);
  if (now.edits !== before.edits + tally.edit) throw new Error('edits were lost, or done without an answer');
  const recorded = await recordedBy(writer);
  for (const kind of KINDS) {
    const count = recorded[kind] - base[kind];
    if (count !== tally[kind]) throw new Error(`${kind}: ${count} recorded, ${tally[kind]} acknowledged`);
  }
}
