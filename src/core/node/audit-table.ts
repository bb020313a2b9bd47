/**
 * The audit trail in a table that several hosts share. Invariant: each host has a chain of its own, whose first record is bound to the host's name, and
 * whose head (number and MAC of the last record, under a MAC of its own) is written in the transaction that writes the records; so nothing in a chain can
 * be changed, left out, moved to another or cut off without the key. When `append` resolves the records are committed.
 */
import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditEvent } from '../audit-event.ts';
import { sameText } from '../constant-time.ts';
import { toFault } from '../errors.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlEngine, SqlReader, SqlWriter } from '../store/sql-engine.ts';
import { createAuditQueue } from './audit-queue.ts';
import { authenticMac, decodeRecord, encodeRecord, statedMac } from './audit-record.ts';
import { readTable, tableReading } from './audit-table-read.ts';
import type { AuditTrail, AuditVerification } from './audit-trail.ts';

export type TableTrail = {
  readonly key: Uint8Array;
  readonly engine: () => Promise<SqlEngine>;
  /** This host's files: what was noted before the facility moved to the database, and whenever that was away. */
  readonly otherwise: AuditTrail;
  /** The name of this host, for tests with several. */
  readonly host?: string;
};

export function createTableTrail({ key, engine, otherwise, host = hostname() }: TableTrail): Omit<AuditTrail, 'close'> {
  return {
    ...createAuditQueue(async (events) => {
      try {
        await (await engine()).write((tx) => appendTogether(tx, { key, host, events }));
      } catch (thrown) {
        const { code } = toFault(thrown);
        if (code !== 'busy' && code !== 'unavailable') throw thrown;
        for (const event of events) await otherwise.append(event);
      }
    }),
    ...tableReading(engine, otherwise),
    async verify() {
      const files = await otherwise.verify();
      const tables = await (await engine()).read((tx) => verifyChains(tx, key));
      const records = files.records + tables.records;
      if (!files.ok) return { ...files, records, host };
      return { ...tables, records };
    },
  };
}

type Appending = { readonly key: Uint8Array; readonly host: string; readonly events: readonly AuditEvent[] };

async function appendTogether(tx: SqlWriter, { key, host, events }: Appending): Promise<void> {
  const head = await lockHead(tx, host);
  const headless = head === undefined ? await lastRecord(tx, host) : undefined;
  const authentic = head === undefined ? headless === undefined : sameText(sealOf(key, host, head), head.seal);
  let { seq, mac } = head ?? headless ?? { seq: 0, mac: firstMac(host) };
  const at = await tx.now();
  const rows = events.map((event, index) => {
    seq += 1;
    const found = authentic || index > 0 ? {} : ({ found: 'head-lost' } as const);
    const encoded = encodeRecord({ ...event, seq, at: new Date(at).toISOString(), ...found }, mac, key);
    mac = encoded.mac;
    return [host, seq, at, encoded.line.trimEnd()];
  });
  tx.later('INSERT INTO audit_records (host, seq, at, line) VALUES (?, ?, ?, ?)', rows);
  const next = { seq, mac };
  const params = [seq, mac, sealOf(key, host, next), host];
  if (head !== undefined) tx.later('UPDATE audit_heads SET seq = ?, mac = ?, seal = ? WHERE host = ?', [params]);
  else tx.later('INSERT INTO audit_heads (seq, mac, seal, host) VALUES (?, ?, ?, ?)', [params]);
}

type Head = { readonly seq: number; readonly mac: string };

/** Two that write a host's first record: the second one's row is refused, and it is run again. */
async function lockHead(tx: SqlWriter, host: string): Promise<(Head & { readonly seal: string }) | undefined> {
  const [row] = await tx.all(`SELECT seq, mac, seal FROM audit_heads WHERE host = ?${tx.dialect.lockRows}`, [host]);
  return row === undefined ? undefined : { seq: integer(row, 'seq'), mac: text(row, 'mac'), seal: text(row, 'seal') };
}

/** Where a head was taken away, the chain goes on behind the last record, and the next one says so. */
async function lastRecord(tx: SqlWriter, host: string): Promise<Head | undefined> {
  const [row] = await tx.all('SELECT seq, line FROM audit_records WHERE host = ? ORDER BY seq DESC LIMIT 1', [host]);
  return row === undefined ? undefined : { seq: integer(row, 'seq'), mac: statedMac(text(row, 'line')) };
}

/** What a chain begins with: a chain is no other host's. */
function firstMac(host: string): string {
  return `host:${host}`;
}

function sealOf(key: Uint8Array, host: string, { seq, mac }: Head): string {
  return createHmac('sha256', key).update(`gatehouse audit table head v1\n${host}\n${seq}\n${mac}`).digest('base64url');
}

/** Each chain from its first record on, and the last one that which its head names. */
async function verifyChains(tx: SqlReader, key: Uint8Array): Promise<AuditVerification> {
  const chains = new Map<string, Head & { readonly broken: boolean }>();
  await readTable(tx, 'SELECT host, line FROM audit_records ORDER BY host, seq', (host, line) => {
    const { seq, mac, broken } = chains.get(host) ?? { seq: 0, mac: firstMac(host), broken: false };
    if (broken) return;
    const record = decodeRecord(line);
    const next = record?.seq === seq + 1 && record.found === undefined ? authenticMac(line, mac, key) : undefined;
    chains.set(host, next === undefined ? { seq, mac, broken: true } : { seq: seq + 1, mac: next, broken: false });
  });
  const heads = await tx.all('SELECT host, seq, mac, seal FROM audit_heads');
  const known = new Map(heads.map((row) => [text(row, 'host'), row]));
  for (const host of known.keys()) {
    if (!chains.has(host)) chains.set(host, { seq: 0, mac: firstMac(host), broken: false });
  }
  const records = [...chains.values()].reduce((sum, { seq }) => sum + seq, 0);
  for (const [host, { seq, mac, broken }] of chains) {
    const row = known.get(host);
    const head = row === undefined ? undefined : { seq: integer(row, 'seq'), mac: text(row, 'mac') };
    const sealed = row !== undefined && head !== undefined && sameText(sealOf(key, host, head), text(row, 'seal'));
    if (broken || !sealed || head.seq !== seq || head.mac !== mac) {
      return { ok: false, records, firstBroken: seq + 1, host };
    }
  }
  return { ok: true, records, firstBroken: null };
}
