import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLogin } from '../../../src/core/login/begin-login.ts';
import { END_BYTES, encodeEnd, NO_RECORD } from '../../../src/core/node/audit-file-end.ts';
import { createJournal } from '../../../src/core/node/audit-journal.ts';
import { decodeRecord, encodeRecord, statedMac } from '../../../src/core/node/audit-record.ts';
import { FILE_CHAIN, readEnd } from '../../../src/core/node/audit-rows.ts';
import { openAuditTrail } from '../../../src/core/node/audit-trail.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { readKeyRing } from '../../../src/core/node/key-file.ts';
import { openEngine } from '../../../src/core/node/open-engine.ts';
import { systemClock } from '../../../src/core/node/system-clock.ts';
import { type UpgradeStep, upgradeStore } from '../../../src/core/node/upgrade-store.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { shellActor } from '../../../src/core/roles.ts';
import { migrate, schemaVersion } from '../../../src/core/store/migrations.ts';
import type { SqlEngine, SqlRow } from '../../../src/core/store/sql-engine.ts';
import { timeStepAt } from '../../../src/core/time-step.ts';
import { codeAt } from '../../../src/core/totp.ts';
import { loginDeps } from '../../../src/gate/login-world.ts';
import { secretBytes } from '../../support/authenticator.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { logOn, START, steppedClock } from '../../support/temporary-facility.ts';
import {
  passwordOf,
  type Version1Facility,
  version1Facility,
  writtenByVersion1,
} from '../../support/version-1-facility.ts';
import { describeWithPostgres } from '../../support/with-postgres.ts';

const ACTOR = shellActor('tester');

function upgrade(facility: Version1Facility, more: Partial<Parameters<typeof upgradeStore>[0]> = {}) {
  return upgradeStore({ config: facility.config, actor: ACTOR, brokenTrail: 'refuse', ...more });
}

async function inDatabase<T>({ config }: Version1Facility, work: (engine: SqlEngine) => Promise<T>): Promise<T> {
  const engine = await openEngine(config.store, { database: 'existing', clock: systemClock });
  return work(engine).finally(() => engine.close());
}

function rows(facility: Version1Facility, sql: string): Promise<readonly SqlRow[]> {
  return inDatabase(facility, (engine) => engine.read((tx) => tx.all(sql)));
}

const auditFile = ({ config }: Version1Facility) => join(config.audit.path, 'audit-000000000001.jsonl');
const mark = ({ config }: Version1Facility) => join(config.audit.path, 'head');
const backupsOf = ({ config }: Version1Facility) =>
  readdirSync(join(config.store.path, '..'))
    .filter((name) => name.includes('before-upgrade'))
    .map((name) => join(config.store.path, '..', name));

/** What version 1 asks first at each login. */
const VERSION_1_ASKS = 'SELECT id, name, password_hash, version FROM users WHERE name_key = ?';

class Killed extends Error {}

function killedAt(at: UpgradeStep) {
  return (step: UpgradeStep) => {
    if (step === at) throw new Killed();
  };
}

describe.each(['sqljs', 'sqlite'] as const)('store upgrade of a facility of version 1 with %s', (engine) => {
  it('keeps every user, counter and code, and records the upgrade behind the old records', async () => {
    const facility = await version1Facility(engine);
    const before = openedOld(facility.config.store.path, (db) => db.prepare('SELECT * FROM users ORDER BY id').all());
    expect(await upgrade(facility)).toMatchObject({ from: 1, to: 2, broken: undefined });
    const after = await rows(facility, 'SELECT * FROM users ORDER BY id');
    expect(after.map(({ edit_version, password_version, ...user }) => user)).toEqual(
      before.map(({ version, ...user }) => user),
    );
    expect(after.map(({ edit_version }) => edit_version)).toEqual(before.map(({ version }) => version));
    expect(after.map(({ two_factor }) => two_factor).sort()).toEqual(['issued', 'off', 'paired', 'paired', 'required']);
    expect(await rows(facility, 'SELECT known, SUM(failures) AS failures FROM failures GROUP BY known')).toEqual([
      { known: 0, failures: 3 },
      { known: 1, failures: 4 },
    ]);
    const [row] = await rows(facility, 'SELECT seq, line FROM audit_records');
    expect(decodeRecord(String(row?.line))).toMatchObject({
      ...{ seq: 33, event: 'store.upgraded', actor: 'os:tester', detail: 'schema=1-to-2' },
    });
    const key = readKeyRing(facility.config.store.keyFile).auditKey;
    const end = await inDatabase(facility, (opened) => opened.read((tx) => readEnd(tx, { key, chain: FILE_CHAIN })));
    expect(end).toEqual({ seq: 33, mac: statedMac(String(row?.line)), authentic: true, skipped: 0 });
  });

  it('makes a backup first, of the old tables and for this account alone, which version 1 could use', async () => {
    const facility = await version1Facility(engine);
    const { backup = '' } = await upgrade(facility);
    expect(backup).toMatch(/gatehouse\.db\.before-upgrade-1-\d{8}T\d{9}Z$/);
    expect(lstatSync(backup).mode & 0o777).toBe(0o600);
    expect(openedOld(backup, (db) => db.prepare('SELECT COUNT(*) AS n, MAX(version) AS v FROM users').get())).toEqual({
      ...{ n: 5, v: expect.any(Number) },
    });
    const second = await version1Facility(engine);
    const file = join(second.folder, 'mine.db');
    expect(await upgrade(second, { backupFile: file })).toMatchObject({ backup: file });
    const third = await version1Facility(engine);
    await expect(upgrade(third, { backupFile: file })).rejects.toMatchObject({ code: 'exists' });
    expect(await inDatabase(third, (opened) => opened.read(schemaVersion))).toBe(1);
  });

  it('is the only thing that upgrades: everything else names it and changes nothing', async () => {
    const facility = await version1Facility(engine);
    await inDatabase(facility, async (opened) => {
      await expect(migrate(opened)).rejects.toMatchObject({
        ...{ code: 'unavailable', message: expect.stringContaining('older Gatehouse (schema 1)') },
        hint: expect.stringContaining('gatehouse store upgrade'),
      });
      expect(await opened.read(schemaVersion)).toBe(1);
    });
  });

  it('lets everybody log in afterwards as before, verifies, and reads the old records', async () => {
    const facility = await version1Facility(engine);
    await upgrade(facility);
    await expectAllAsBefore(facility, steppedClock(START + 3_600_000));
  });

  it.each(['verified', 'backed-up', 'noted', 'upgraded', 'fenced'] as const)(
    'killed when it was %s, it leaves version 1 or version 2, and the next one finishes',
    async (at) => {
      const facility = await version1Facility(engine);
      await expect(upgrade(facility, { step: killedAt(at) })).rejects.toThrow(Killed);
      const version = await inDatabase(facility, (opened) => opened.read(schemaVersion));
      const isUpgraded = at === 'upgraded' || at === 'fenced';
      expect(version).toBe(isUpgraded ? 2 : 1);
      // Version 1 has its mark as long as it has its database.
      if (!isUpgraded) expect(lstatSync(mark(facility)).isFile()).toBe(true);
      await upgrade(facility);
      expect(await inDatabase(facility, (opened) => opened.read(schemaVersion))).toBe(2);
      expect(lstatSync(mark(facility)).isDirectory()).toBe(true);
      const records = await rows(facility, 'SELECT line FROM audit_records');
      expect(records.map(({ line }) => decodeRecord(String(line))?.event)).toEqual(['store.upgraded']);
    },
  );

  it('takes in what version 1 recorded after an upgrade was killed before its last step', async () => {
    const facility = await version1Facility(engine);
    await expect(upgrade(facility, { step: killedAt('upgraded') })).rejects.toThrow(Killed);
    const late = writtenByVersion1(facility, { event: 'login.unavailable' });
    await upgrade(facility);
    const key = readKeyRing(facility.config.store.keyFile).auditKey;
    const [row] = await rows(facility, 'SELECT seq, line FROM audit_records');
    expect(decodeRecord(String(row?.line))).toMatchObject({ seq: 34, event: 'store.upgraded' });
    const { line, mac } = encodeRecord({ ...must(decodeRecord(String(row?.line))) }, statedMac(late), key);
    expect(`${row?.line}\n`).toBe(line);
    expect(await rows(facility, 'SELECT seq, mac FROM audit_heads')).toEqual([{ seq: 34, mac }]);
    // And the next change is not taken for one of a database that was put back.
    const journal = createJournal({ key, trail: filesOf(facility) });
    await inDatabase(facility, (opened) =>
      opened.write((tx) => journal.append(tx, { kind: 'change', events: [{ event: 'user.edited' }] })),
    );
  });

  it('fences off version 1: a process that has the database open fails with its next statement, and records nothing', async () => {
    const facility = await version1Facility(engine);
    const opened =
      engine === 'sqljs'
        ? await openEngine(facility.config.store, { database: 'existing', clock: systemClock })
        : undefined;
    await opened?.read((tx) => tx.all(VERSION_1_ASKS, ['ada']));
    await upgrade(facility);
    const old = opened ?? (await openEngine(facility.config.store, { database: 'existing', clock: systemClock }));
    await expect(old.write((tx) => tx.all(VERSION_1_ASKS, ['ada']))).rejects.toThrow();
    await expect(
      old.write((tx) => tx.run("UPDATE users SET version = version + 1 WHERE name = 'ada'")),
    ).rejects.toThrow();
    await old.close();
    expect(() => writtenByVersion1(facility, { event: 'login.unavailable' })).toThrow(/EISDIR/);
  });

  it('says who is in the way while somebody has the database open', async () => {
    const facility = await version1Facility(engine);
    if (engine === 'sqljs') return;
    await inDatabase(facility, async () => {
      await expect(upgrade(facility)).rejects.toMatchObject({
        ...{ code: 'busy', message: expect.stringContaining('held open by another Gatehouse') },
      });
    });
    expect(backupsOf(facility)).toEqual([]);
  });

  it('does nothing to a database that has this schema already', async () => {
    const facility = await version1Facility(engine);
    await upgrade(facility);
    const before = await rows(facility, 'SELECT seq, mac FROM audit_heads');
    expect(await upgrade(facility)).toEqual({ from: 2, to: 2, backup: undefined, broken: undefined });
    expect(await rows(facility, 'SELECT seq, mac FROM audit_heads')).toEqual(before);
    expect(backupsOf(facility)).toHaveLength(1);
  });

  describe('with an audit trail that does not verify', () => {
    it.each([
      [
        'a record was changed',
        (facility: Version1Facility) => edit(facility, (text) => text.replace('"user":"rita"', '"user":"rina"')),
        'record-4',
      ],
      [
        'a record was removed',
        (facility: Version1Facility) => edit(facility, (text) => text.replace(/.*"seq":5,.*\n/, '')),
        'record-5',
      ],
      [
        'the last record was cut off',
        (facility: Version1Facility) => edit(facility, (text) => text.replace(/.*"seq":32,.*\n/, '')),
        'record-32',
      ],
      ['the mark is gone', (facility: Version1Facility) => rmSync(mark(facility)), 'record-33'],
      [
        'all of it is gone',
        (facility: Version1Facility) => rmSync(facility.config.audit.path, { recursive: true }),
        'missing',
      ],
    ])('refuses where %s, unless that is accepted, and then records it', async (_, break_, broken) => {
      const facility = await version1Facility(engine);
      break_(facility);
      await expect(upgrade(facility)).rejects.toMatchObject({
        ...{ code: 'bad-data', hint: expect.stringContaining('--accept-broken-trail') },
      });
      expect(await inDatabase(facility, (opened) => opened.read(schemaVersion))).toBe(1);
      expect(backupsOf(facility)).toEqual([]);
      expect(await upgrade(facility, { brokenTrail: 'accept' })).toMatchObject({ from: 1, to: 2, broken });
      const [row] = await rows(facility, 'SELECT line FROM audit_records');
      expect(decodeRecord(String(row?.line))).toMatchObject({ detail: `schema=1-to-2 trail-broken=${broken}` });
    });
  });
});

describeWithPostgres('store upgrade of a facility of version 1 with postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.dispose());

  it('upgrades the tables and the chains, keeps an SQLite file of the old ones, and records it', async () => {
    const facility = await version1Facility({ url: await server.freshUrl() });
    const { backup = '' } = await upgrade(facility);
    expect(openedOld(backup, (db) => db.prepare('SELECT COUNT(*) AS n, MAX(version) AS v FROM users').get())).toEqual({
      ...{ n: 5, v: expect.any(Number) },
    });
    expect(openedOld(backup, (db) => db.prepare('SELECT version FROM schema_version').get())).toEqual({ version: 1 });
    const chains = await rows(facility, 'SELECT chain, seq FROM audit_heads ORDER BY seq DESC');
    expect(chains).toEqual([
      { chain: 'vm', seq: 32 },
      { chain: expect.stringMatching(/\/\d+$/), seq: 1 },
    ]);
    const records = await rows(facility, "SELECT line FROM audit_records WHERE chain <> 'vm'");
    expect(records.map(({ line }) => decodeRecord(String(line)))).toMatchObject([
      { event: 'store.upgraded', detail: 'schema=1-to-2' },
    ]);
    expect(await upgrade(facility)).toMatchObject({ from: 2, to: 2 });
  });

  it('lets everybody log in afterwards as before, verifies, and reads the old records', async () => {
    const facility = await version1Facility({ url: await server.freshUrl() });
    await upgrade(facility);
    await expectAllAsBefore(facility, systemClock);
  });

  it.each(['verified', 'backed-up', 'noted', 'upgraded', 'fenced'] as const)(
    'killed when it was %s, the next one finishes',
    async (at) => {
      const facility = await version1Facility({ url: await server.freshUrl() });
      await expect(upgrade(facility, { step: killedAt(at) })).rejects.toThrow(Killed);
      await upgrade(facility);
      expect(await inDatabase(facility, (opened) => opened.read(schemaVersion))).toBe(2);
      expect(await rows(facility, 'SELECT COUNT(*) AS chains FROM audit_heads')).toEqual([{ chains: 2 }]);
    },
  );

  it('takes over the audit files of another host, on that host', async () => {
    const facility = await version1Facility({ url: await server.freshUrl() });
    await upgrade(facility);
    const { config } = facility;
    const key = readKeyRing(config.store.keyFile).auditKey;
    const other = {
      ...facility,
      config: { ...config, audit: { ...config.audit, path: join(facility.folder, 'other') } },
    };
    mkdirSync(other.config.audit.path, { mode: 0o700 });
    const { position, bytes } = encodeEnd(NO_RECORD, key);
    writeFileSync(mark(other), Buffer.concat([Buffer.alloc(position), bytes, Buffer.alloc(END_BYTES - bytes.length)]), {
      mode: 0o600,
    });
    writeFileSync(auditFile(other), '', { mode: 0o600 });
    for (let number = 1; number < 4; number += 1) writtenByVersion1(other, { event: 'login.unavailable' });
    const trail = await openAuditTrail({ config: other.config, key, clock: systemClock });
    expect(await upgrade(other)).toMatchObject({ from: 2, to: 2 });
    expect(await trail.verify()).toMatchObject({ ok: true, records: 36 });
    await trail.close();
    expect(lstatSync(mark(other)).isDirectory()).toBe(true);
  });

  it('fences off version 1, whose connections are open', async () => {
    const facility = await version1Facility({ url: await server.freshUrl() });
    await inDatabase(facility, async (old) => {
      await old.read((tx) => tx.all(VERSION_1_ASKS, ['ada']));
      await upgrade(facility);
      await expect(old.read((tx) => tx.all(VERSION_1_ASKS, ['ada']))).rejects.toThrow();
      await expect(
        old.write((tx) => tx.run("INSERT INTO audit_records (host, seq, at, line) VALUES ('vm', 33, 1, '')")),
      ).rejects.toThrow();
    });
  });

  it('refuses a chain that was changed, and one whose end was cut off', async () => {
    for (const sql of [
      "UPDATE audit_records SET line = REPLACE(line, 'rita', 'rina') WHERE seq = 4",
      'DELETE FROM audit_records WHERE seq = 32',
      'DELETE FROM audit_heads',
    ]) {
      const facility = await version1Facility({ url: await server.freshUrl() });
      await inDatabase(facility, (opened) => opened.write((tx) => tx.run(sql)));
      await expect(upgrade(facility)).rejects.toMatchObject({
        code: 'bad-data',
        message: expect.stringContaining('host-vm'),
      });
      expect(await upgrade(facility, { brokenTrail: 'accept' })).toMatchObject({ broken: 'host-vm' });
    }
  });
});

/** Each of the five by what they have: a code of the app, a recovery code, a one-time code, a password alone, a QR code. */
async function expectAllAsBefore({ config, people }: Version1Facility, clock: Clock): Promise<void> {
  const facility = await openFacility(config, { clock });
  try {
    const code = (name: string) => codeAt(secretBytes(people.secrets[name] ?? ''), timeStepAt(clock.now()));
    const outcome = async (name: string, ...codes: readonly string[]) => {
      const left = [...codes];
      const said = await logOn(beginLogin(loginDeps(facility), { user: name }), (ask) =>
        ask.field === 'password' ? passwordOf(name) : (left.shift() ?? ''),
      );
      const done = said.at(-1);
      return done?.type === 'done' ? done.outcome : 'asked';
    };
    expect(await outcome('ada', code('ada'))).toBe('granted');
    expect(await outcome('ada', code('ada'), '000000', '000000')).not.toBe('granted');
    expect(await outcome('olive')).toBe('granted');
    expect(await outcome('ivan', code('ivan'))).toBe('granted');
    expect(await outcome('paul', people.recoveryCodes.paul?.[0] ?? '')).toBe('granted');
    expect(await outcome('paul', people.recoveryCodes.paul?.[0] ?? '', '000000', '000000')).not.toBe('granted');
    const events: string[] = [];
    for await (const { event } of facility.trail.read()) events.push(event);
    expect(events.slice(0, 2)).toEqual(['facility.created', 'user.added']);
    expect(events).toContain('recovery.made');
    expect(await facility.trail.verify()).toMatchObject({ ok: true, firstBroken: null });
  } finally {
    await facility.close();
  }
}

function openedOld<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function edit(facility: Version1Facility, change: (text: string) => string): void {
  const path = auditFile(facility);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
}

function filesOf({ config }: Version1Facility) {
  return { kind: 'files', folder: config.audit.path, queueMax: 100 } as const;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('is missing');
  return value;
}
