/** Denials of a time when the database could not be reached. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import { Fault } from '../../../src/core/errors.ts';
import { encodeRecord } from '../../../src/core/node/audit-record.ts';
import { appendToSide, SIDE_FILES, SIDE_RECORDS } from '../../../src/core/node/audit-side.ts';
import { firstSideMac, sideChains } from '../../../src/core/node/audit-side-file.ts';
import type { AuditTrail } from '../../../src/core/node/audit-trail.ts';
import {
  AUDIT_KEY,
  auditBench,
  denied,
  FILE_ENGINES,
  numbered,
  recordsOf,
  START,
  type TrailBench,
} from './audit-trail.ts';

const sidesIn = (folder: string) =>
  (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.startsWith('side-'));
const usersOf = async (trail: AuditTrail) => (await recordsOf(trail)).map(({ user, event }) => user ?? event);

/** The trail while nothing can be written to the database. */
function withoutDatabase(bench: TrailBench, code: 'busy' | 'unavailable' | 'internal' = 'busy'): Promise<AuditTrail> {
  const write = () => Promise.reject(new Fault(code, 'The database is in use by another process for too long.'));
  return bench.open({ engine: { ...bench.engine, write } });
}

describe.each(FILE_ENGINES)('a side chain beside %s', (engine) => {
  it('holds denials, and nothing else, while the database cannot be written', async () => {
    const bench = await auditBench(engine);
    const away = await withoutDatabase(bench);
    await away.append(denied('a'));
    await away.append({ event: 'login.unavailable', user: 'b' });
    await expect(away.append(numbered(1))).rejects.toMatchObject({ code: 'busy' });
    await expect(away.append({ event: 'login.granted', user: 'c' })).rejects.toMatchObject({ code: 'busy' });
    await expect((await withoutDatabase(bench, 'internal')).append(denied('d'))).rejects.toMatchObject({
      code: 'internal',
    });
    expect(sidesIn(bench.folder).length).toBe(1);
    expect(await usersOf(bench.trail)).toEqual(['a', 'b']);
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 0 });
  });

  it('is taken over by the next record, once, with its times, and removed', async () => {
    const bench = await auditBench(engine);
    await bench.drained(2);
    const away = await withoutDatabase(bench);
    bench.setNow(START);
    await away.append(denied('a'));
    await away.append(denied('b'));
    bench.setNow(START + 3_600_000);
    await bench.trail.append(numbered(3));
    const records = (await recordsOf(bench.trail)).slice(2);
    expect(records).toMatchObject([
      { seq: 3, event: 'audit.side-chain', count: 2, detail: expect.stringMatching(/^side=[0-9a-f]{16}$/) },
      { seq: 4, user: 'a', at: expect.stringMatching(/^2026-11-24T03:00/) },
      { seq: 5, user: 'b', at: expect.stringMatching(/^2026-11-24T03:00/) },
      { seq: 6, count: 3, at: expect.stringMatching(/^2026-11-24T04:00/) },
    ]);
    expect(sidesIn(bench.folder)).toEqual([]);
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 6 });
    await bench.trail.append(numbered(4));
    expect(await bench.engine.read((tx) => tx.all("SELECT chain FROM audit_heads WHERE chain <> ''"))).toEqual([]);
    await bench.trail.drain();
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: 7 });
  });

  it('is taken over once also where everybody was killed before its file was removed', async () => {
    const bench = await auditBench(engine);
    const away = await withoutDatabase(bench);
    await away.append(denied('a'));
    const [name = ''] = sidesIn(bench.folder);
    const content = readFileSync(join(bench.folder, name));
    await bench.trail.append(numbered(1));
    expect(sidesIn(bench.folder)).toEqual([]);
    // Killed between the transaction and the removal.
    writeFileSync(join(bench.folder, name), content, { mode: 0o600 });
    const next = await bench.open();
    expect(await usersOf(next)).toEqual(['audit.side-chain', 'a', 'alice']);
    // Another outage goes on in the same file.
    await (await withoutDatabase(bench)).append(denied('b'));
    expect(await usersOf(next)).toEqual(['audit.side-chain', 'a', 'alice', 'b']);
    expect(await next.verify()).toMatchObject({ ok: true });
    await next.append(numbered(2));
    expect(await usersOf(next)).toEqual(['audit.side-chain', 'a', 'alice', 'audit.side-chain', 'b', 'alice']);
    expect(sidesIn(bench.folder)).toEqual([]);
    expect(await next.verify()).toMatchObject({ ok: true, records: 6 });
  });

  it('is taken over by none of the transactions that are rolled back', async () => {
    const bench = await auditBench(engine);
    await (await withoutDatabase(bench)).append(denied('a'));
    const { recordingEngine } = await import('../../../src/core/store/recording-engine.ts');
    const failing = recordingEngine(bench.engine, bench.trail.journal, {}).write(async (tx) => {
      tx.record(numbered(1));
      await tx.run('INSERT INTO nothing VALUES (1)');
    });
    await expect(failing).rejects.toThrow();
    expect(sidesIn(bench.folder).length).toBe(1);
    await bench.trail.append(numbered(1));
    expect(await usersOf(bench.trail)).toEqual(['audit.side-chain', 'a', 'alice']);
  });

  it('is found changed, cut below what was sealed, and with something behind its end', async () => {
    for (const damage of ['changed', 'swapped', 'appended', 'another id']) {
      const bench = await auditBench(engine);
      const away = await withoutDatabase(bench);
      for (const user of ['a', 'b', 'c']) await away.append(denied(user));
      const [name = ''] = sidesIn(bench.folder);
      const path = join(bench.folder, name);
      const lines = readFileSync(path, 'latin1').split('\n').slice(0, -1);
      if (damage === 'changed') writeFileSync(path, readFileSync(path, 'latin1').replace('"b"', '"x"'));
      if (damage === 'swapped') writeFileSync(path, `${lines[1]}\n${lines[0]}\n${lines[2]}\n`);
      if (damage === 'appended') appendFileSync(path, 'nonsense\n');
      if (damage === 'another id')
        writeFileSync(join(bench.folder, `side-${'0'.repeat(16)}.jsonl`), readFileSync(path), { mode: 0o600 });
      expect(await bench.trail.verify()).toMatchObject({ ok: false, chain: expect.stringMatching(/^side:/) });
      await bench.trail.append(numbered(1));
      await bench.trail.drain();
      expect(await bench.trail.verify()).toMatchObject({ ok: false, chain: expect.stringMatching(/^side:/) });
    }
    const bench = await auditBench(engine);
    const away = await withoutDatabase(bench);
    for (const user of ['a', 'b', 'c']) await away.append(denied(user));
    const [name = ''] = sidesIn(bench.folder);
    const lines = readFileSync(join(bench.folder, name), 'latin1').split('\n').slice(0, -1);
    await bench.trail.append(numbered(1));
    writeFileSync(join(bench.folder, name), `${lines[0]}\n`, { mode: 0o600 });
    expect(await bench.trail.verify()).toMatchObject({ ok: false, chain: expect.stringMatching(/^side:/) });
  });

  it('goes on behind a line that its writer never finished', async () => {
    const bench = await auditBench(engine);
    const away = await withoutDatabase(bench);
    await away.append(denied('a'));
    const [name = ''] = sidesIn(bench.folder);
    appendFileSync(join(bench.folder, name), '{"seq":2,"at"');
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    await away.append(denied('b'));
    expect(await usersOf(bench.trail)).toEqual(['a', 'b']);
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
  });
});

describe('a side chain', () => {
  const events = async (bench: TrailBench, event: AuditEvent, count: number) => {
    const clock = { now: () => START };
    for (let number = 0; number < count; number += 1) {
      await appendToSide({ folder: bench.folder, key: AUDIT_KEY, clock, calls: FAST }, event);
    }
  };
  const FAST = {
    write: async (fd: number, bytes: Uint8Array, position: number) =>
      (await import('node:fs')).writeSync(fd, bytes, 0, bytes.length, position),
    sync: async () => undefined,
    cut: () => undefined,
  };

  it('is bounded in number, and its last record says that it is full', async () => {
    const bench = await auditBench();
    const id = '0123456789abcdef';
    let mac = firstSideMac(id, AUDIT_KEY);
    const lines = Array.from({ length: SIDE_RECORDS - 3 }, (_, index) => {
      const at = new Date(START).toISOString();
      const encoded = encodeRecord({ ...denied('a'), seq: index + 1, at }, mac, AUDIT_KEY);
      mac = encoded.mac;
      return encoded.line;
    });
    mkdirSync(bench.folder, { mode: 0o700 });
    writeFileSync(join(bench.folder, `side-${id}.jsonl`), lines.join(''), { mode: 0o600 });
    await events(bench, denied('a'), 8);
    const [chain] = sideChains(bench.folder, AUDIT_KEY);
    expect(chain?.records.length).toBe(SIDE_RECORDS);
    expect(chain?.records.at(-1)).toMatchObject({ event: 'audit.side-chain', detail: 'full' });
    await bench.trail.append(numbered(1));
    expect(await bench.trail.verify()).toMatchObject({ ok: true, records: SIDE_RECORDS + 2 });
    expect(sidesIn(bench.folder)).toEqual([]);
  });

  it('rejects where its file cannot be written, and says so to whoever denies', async () => {
    const bench = await auditBench();
    const full = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' }));
    const trail = {
      ...{ folder: bench.folder, key: AUDIT_KEY, clock: { now: () => START } },
      calls: { write: full, sync: async () => undefined, cut: () => undefined },
    };
    mkdirSync(bench.folder, { mode: 0o700 });
    await expect(appendToSide(trail, denied('a'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(sideChains(bench.folder, AUDIT_KEY).flatMap(({ records }) => records)).toEqual([]);
  });

  it('is bounded in bytes as well', async () => {
    const bench = await auditBench();
    const userIds = Array.from({ length: 300 }, (_, index) => `user-id-that-is-quite-long-${index}`);
    await events(bench, { ...denied('a'), userIds }, 150);
    const [name = ''] = sidesIn(bench.folder);
    expect(readFileSync(join(bench.folder, name)).length).toBeLessThanOrEqual(1024 * 1024);
    const [chain] = sideChains(bench.folder, AUDIT_KEY);
    expect(chain?.records.at(-1)).toMatchObject({ detail: 'full' });
    expect(chain?.records.filter(({ event }) => event === 'audit.side-chain').length).toBe(1);
    // Neither does another process begin again behind that.
    const path = join(bench.folder, name);
    const content = readFileSync(path);
    utimesSync(path, new Date(START), new Date(START));
    await events(bench, denied('b'), 1);
    expect(readFileSync(path)).toEqual(content);
  });

  it('that is broken gets a successor, and no denial is lost', async () => {
    const bench = await auditBench();
    const away = await withoutDatabase(bench);
    await away.append(denied('a'));
    const [name = ''] = sidesIn(bench.folder);
    appendFileSync(join(bench.folder, name), 'nonsense\n');
    await away.append(denied('b'));
    await away.append(denied('c'));
    expect(sidesIn(bench.folder).length).toBe(2);
    await bench.trail.append(numbered(1));
    await bench.trail.drain();
    expect((await usersOf(bench.trail)).filter((user) => user.length === 1).sort()).toEqual(['a', 'b', 'c']);
    expect(sidesIn(bench.folder)).toEqual([`${name}.broken`]);
    expect(await bench.trail.verify()).toMatchObject({ ok: false, chain: `side:${name.slice(5, 21)}`, firstBroken: 2 });
    // Nothing of it is read again, and another outage is recorded as ever.
    await away.append(denied('d'));
    await bench.trail.append(numbered(2));
    expect((await usersOf(bench.trail)).filter((user) => user.length === 1).sort()).toEqual(['a', 'b', 'c', 'd']);
    rmSync(join(bench.folder, `${name}.broken`));
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
  });

  it('goes on elsewhere where its file may not be used', async () => {
    const bench = await auditBench();
    const away = await withoutDatabase(bench);
    mkdirSync(bench.folder, { mode: 0o700 });
    symlinkSync('/dev/null', join(bench.folder, `side-${'0'.repeat(16)}.jsonl`));
    await away.append(denied('a'));
    expect(await usersOf(bench.trail)).toEqual(['a']);
    await bench.trail.append(numbered(1));
    expect(await usersOf(bench.trail)).toEqual(['audit.side-chain', 'a', 'alice']);
    await expect(bench.trail.verify()).rejects.toMatchObject({ code: 'file-refused' });
  });

  it('refuses denials aloud where all files that are allowed are broken', async () => {
    const bench = await auditBench();
    const away = await withoutDatabase(bench);
    for (let number = 0; number < SIDE_FILES; number += 1) {
      await away.append(denied('a'));
      for (const name of sidesIn(bench.folder)) appendFileSync(join(bench.folder, name), 'nonsense\n');
    }
    await expect(away.append(denied('b'))).rejects.toMatchObject({ code: 'busy' });
    expect(sidesIn(bench.folder).length).toBe(SIDE_FILES);
    await bench.trail.append(numbered(1));
    await away.append(denied('b'));
    expect((await usersOf(bench.trail)).filter((user) => user.length === 1)).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('that was cut off below what was taken over, and went on, is set aside as a whole', async () => {
    const bench = await auditBench();
    const away = await withoutDatabase(bench);
    for (const user of ['a', 'b']) await away.append(denied(user));
    const [name = ''] = sidesIn(bench.folder);
    const [first] = readFileSync(join(bench.folder, name), 'latin1').split('\n');
    await bench.trail.append(numbered(1));
    writeFileSync(join(bench.folder, name), `${first}\n`, { mode: 0o600 });
    for (const user of ['x', 'y', 'z']) await away.append(denied(user));
    await (await bench.open()).append(numbered(2));
    await bench.trail.drain();
    expect(sidesIn(bench.folder)).toEqual([`${name}.broken`]);
    expect(readFileSync(join(bench.folder, `${name}.broken`), 'latin1')).toMatch(/"x".*\n.*"y".*\n.*"z"/);
    expect(await bench.trail.verify()).toMatchObject({ ok: false, chain: `side:${name.slice(5, 21)}` });
  });

  it('is read again where somebody else wrote to it', async () => {
    const bench = await auditBench();
    await events(bench, denied('a'), 2);
    const [name = ''] = sidesIn(bench.folder);
    const path = join(bench.folder, name);
    const content = readFileSync(path, 'latin1');
    writeFileSync(path, content.replace('"a"', '"x"'));
    utimesSync(path, new Date(START), new Date(START));
    await events(bench, denied('b'), 1);
    expect(sidesIn(bench.folder).length).toBe(2);
  });

  it('longer than the queue is taken over in portions', async () => {
    const bench = await auditBench('sqlite', { queueMax: 100 });
    await events(bench, denied('b'), 130);
    expect((await bench.trail.state()).sides).toMatchObject([{ records: { length: 130 } }]);
    for (let number = 1; sidesIn(bench.folder).length > 0; number += 1) {
      expect(number).toBeLessThan(10);
      await bench.trail.append(numbered(number));
      expect(await bench.trail.verify()).toMatchObject({ ok: true });
      await bench.trail.drain();
    }
    expect((await usersOf(bench.trail)).filter((user) => user === 'b').length).toBe(130);
    expect((await bench.trail.state()).sides).toEqual([]);
  });

  it('is forgotten when the database has forgotten it', async () => {
    const bench = await auditBench();
    const away = await withoutDatabase(bench);
    const deletions: (readonly unknown[])[] = [];
    const { write } = bench.engine;
    const watched = await bench.open({
      engine: {
        ...bench.engine,
        write: (work) =>
          write((tx) =>
            work({
              ...tx,
              later: (sql, lists) => {
                if (sql.startsWith('DELETE FROM audit_heads')) deletions.push(...lists);
                tx.later(sql, lists);
              },
            }),
          ),
      },
    });
    await away.append(denied('a'));
    await watched.append(numbered(1));
    expect(sidesIn(bench.folder)).toEqual([]);
    await watched.append(numbered(2));
    expect(deletions.length).toBe(1);
    await watched.drain();
    for (let number = 3; number < 6; number += 1) await watched.append(numbered(number));
    expect(deletions.length).toBe(1);
  });

  it('waits where the queue has no room for it', async () => {
    const bench = await auditBench('sqlite', { queueMax: 100 });
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    const stuck = await bench.open({ calls: { ...FAST, write: full } });
    for (let number = 1; number <= 95; number += 1) await stuck.append(numbered(number));
    const away = await withoutDatabase(bench);
    for (let number = 0; number < 10; number += 1) await away.append(denied('b'));
    await stuck.append(numbered(96));
    expect(sidesIn(bench.folder).length).toBe(1);
    await bench.trail.drain();
    await bench.trail.append(numbered(2));
    expect(sidesIn(bench.folder)).toEqual([]);
    expect(await bench.trail.verify()).toMatchObject({ ok: true });
    expect((await usersOf(bench.trail)).filter((user) => user === 'b').length).toBe(10);
  });
});
