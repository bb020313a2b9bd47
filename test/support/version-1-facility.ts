/** A facility that version 1 made (test/fixtures/schema-1), in a folder of its own: as on the disk of somebody who upgrades. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { AuditEvent } from '../../src/core/audit-event.ts';
import type { Config } from '../../src/core/config/model.ts';
import { decodeEnd, encodeEnd } from '../../src/core/node/audit-file-end.ts';
import { encodeRecord } from '../../src/core/node/audit-record.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';

export type Version1Facility = {
  readonly folder: string;
  readonly configFile: string;
  readonly config: Config;
  readonly people: {
    readonly secrets: Readonly<Record<string, string>>;
    readonly recoveryCodes: Readonly<Record<string, readonly string[]>>;
    readonly oneTimeCodes: Readonly<Record<string, string>>;
  };
};

/** Of each user in the fixtures. */
export function passwordOf(name: string): string {
  return `${name} and the tulips of spring`;
}

/** `url`: an empty database for the rows of the one on a server. */
export async function version1Facility(
  engine: 'sqljs' | 'sqlite' | { readonly url: string },
): Promise<Version1Facility> {
  const name = typeof engine === 'string' ? engine : 'postgres';
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-version-1-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(resolve('test/fixtures/schema-1', name), folder, { recursive: true });
  tighten(folder);
  const configFile = join(folder, 'config.ini');
  if (typeof engine !== 'string') {
    writeFileSync(configFile, readFileSync(configFile, 'utf8').replace('POSTGRES_URL', engine.url));
    await load(engine.url, readFileSync(join(folder, 'facility.sql'), 'utf8'));
  }
  const people = JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8')) as Version1Facility['people'];
  return { folder, configFile, config: readConfigFile(configFile).config, people };
}

/** One more record, as version 1 writes it: its mark tells where. The line. */
export function writtenByVersion1({ config }: Version1Facility, event: AuditEvent): string {
  const key = readKeyRing(config.store.keyFile).auditKey;
  const mark = join(config.audit.path, 'head');
  const bytes = readFileSync(mark);
  const noted = decodeEnd(bytes, key);
  if (noted === undefined) throw new Error('no mark of version 1');
  const seq = noted.seq + 1;
  const { line, mac } = encodeRecord({ ...event, seq, at: '2026-03-02T09:00:00.000Z' }, noted.mac, key);
  writeFileSync(join(config.audit.path, 'audit-000000000001.jsonl'), line, { flag: 'a' });
  const head = encodeEnd({ seq, mac, end: noted.end + line.length }, key);
  bytes.set(head.bytes, head.position);
  writeFileSync(mark, bytes);
  return line.trimEnd();
}

/** Git keeps no modes of folders. */
function tighten(path: string): void {
  const isFolder = statSync(path).isDirectory();
  chmodSync(path, isFolder ? 0o700 : 0o600);
  if (isFolder) for (const name of readdirSync(path)) tighten(join(path, name));
}

async function load(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
