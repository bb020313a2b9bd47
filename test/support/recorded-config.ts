/** A facility whose config.ini is changed, with real key file and database; its records are read off the database. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { setInConfig } from '../../src/core/config/edit.ts';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { type AuditRecord, decodeRecord } from '../../src/core/node/audit-record.ts';
import { type ConfigChange, changeConfigFile, recorderOf } from '../../src/core/node/config-change.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { configPlace, settlePendingChanges } from '../../src/core/node/config-settle.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { migrate } from '../../src/core/store/migrations.ts';
import { text as textIn } from '../../src/core/store/row-cells.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { ADMIN } from './temporary-facility.ts';

export type RecordedConfig = {
  readonly folder: string;
  readonly file: string;
  text(): string;
  set(key: string, value: string, more?: Partial<ConfigChange>): ReturnType<typeof changeConfigFile>;
  /** Of the database that config.ini names now, oldest first. */
  records(): Promise<readonly AuditRecord[]>;
  /** Settings of changes that are announced and not settled. */
  pending(): Promise<readonly string[]>;
  /** As the next process would, on that host. */
  settle(host?: string): Promise<void>;
  withEngine<T>(work: (engine: SqlEngine) => Promise<T>): Promise<T>;
};

export async function recordedConfig(engine: StoreEngine, url?: string): Promise<RecordedConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-recorded-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.ini');
  const address = url === undefined ? '' : `Url=${url}\n`;
  writeFileSync(file, `; ours\n2FA=Auto:Ward LIVE\n[Store]\nEngine=${engine}\n${address}`, { mode: 0o600 });
  const { store } = readConfigFile(file).config;
  await createKeyFile({ path: store.keyFile, random: systemRandom, clock: systemClock });
  const made = await openEngine(store, { database: 'create', clock: systemClock });
  await migrate(made).finally(() => made.close());

  async function withEngine<T>(work: (engine: SqlEngine) => Promise<T>): Promise<T> {
    const { config } = readConfigFile(file);
    const opened = await openEngine(config.store, { database: 'existing', clock: systemClock });
    return work(opened).finally(() => opened.close());
  }
  const column = (sql: string, name: string) =>
    withEngine((opened) => opened.read(async (tx) => (await tx.all(sql)).map((row) => textIn(row, name))));

  return {
    folder,
    file,
    withEngine,
    text: () => readFileSync(file, 'utf8'),
    set: (key, value, more) =>
      changeConfigFile(file, {
        actor: ADMIN,
        settings: [key],
        edit: (source) => setInConfig(source, { key, value }),
        ...more,
      }),
    async records() {
      const lines = await column('SELECT line FROM audit_records ORDER BY chain, seq', 'line');
      return lines.map(decodeRecord).filter((record) => record !== undefined);
    },
    pending: () => column('SELECT setting FROM config_changes ORDER BY at', 'setting'),
    settle: (host) =>
      withEngine(async (opened) => {
        const { config } = readConfigFile(file);
        return settlePendingChanges((await recorderOf(config, opened)).engine, configPlace(config.store, file, host));
      }),
  };
}
