/** Audit trails in temporary folders, for tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import type { AuditCalls } from '../../../src/core/node/audit-append.ts';
import { createAuditFile } from '../../../src/core/node/audit-file.ts';
import { type AuditQuery, readAuditTrail } from '../../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../../src/core/node/audit-record.ts';

export const AUDIT_KEY = new Uint8Array(32).fill(7);
export const START = Date.UTC(2026, 10, 24, 3, 0, 0);

/** Removed when the test is over. */
export function auditFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Each call of its clock is a second after the one before. */
export function auditIn(folder: string, calls?: AuditCalls) {
  let now = START;
  const clock = {
    now: () => {
      now += 1000;
      return now;
    },
  };
  return createAuditFile({ folder, key: AUDIT_KEY, clock, ...(calls ? { calls } : {}) });
}

/** A trail of so many records, each appended in a turn of its own. */
export async function trailOf(count: number): Promise<string> {
  const folder = auditFolder();
  const audit = auditIn(folder);
  for (let number = 1; number <= count; number += 1) await audit.append(numbered(number));
  return folder;
}

export function numbered(count: number): AuditEvent {
  return { event: 'login.granted', user: 'alice', terminal: 'ward-3', detail: 'password+totp', count };
}

export async function recordsOf(folder: string, query?: AuditQuery): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of readAuditTrail(folder, query)) records.push(record);
  return records;
}

export function firstSegment(folder: string): string {
  return join(folder, 'audit-000000000001.jsonl');
}

export function linesIn(folder: string): readonly string[] {
  return readFileSync(firstSegment(folder), 'latin1').split('\n').slice(0, -1);
}

export function putLines(folder: string, lines: readonly string[]): void {
  writeFileSync(firstSegment(folder), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}
