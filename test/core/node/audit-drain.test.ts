import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { attempt } from '../../../src/core/node/attempt.ts';
import type { AuditCalls } from '../../../src/core/node/audit-drain.ts';
import { fileEnd } from '../../../src/core/node/audit-file-end.ts';
import { RECORD_MAX_BYTES } from '../../../src/core/node/audit-record.ts';
import { shellActor } from '../../../src/core/roles.ts';
import { recordingEngine } from '../../../src/core/store/recording-engine.ts';
import fc from '../../support/properties.ts';
import {
  AUDIT_KEY,
  auditBench,
  denied,
  FILE_ENGINES,
  filesIn,
  firstSegment,
  linesIn,
  numbered,
  numbersOf,
  putLines,
  recordsOf,
  START,
  type TrailBench,
  upTo,
} from './audit-trail.ts';

const whole = (records: number) => ({ ok: true, records, firstBroken: null });

const REAL: AuditCalls = {
  write: async (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  sync: async (fd) => fdatasyncSync(fd),
  cut: ftruncateSync,
};

/** As after a kill: from the n-th call on nothing is done. `how` much of a write that one still does. */
function killedAt(kill: number, how: 'none' | 'half' | 'all'): AuditCalls & { calls(): number } {
  let calls = 0;
  const dead = () => Object.assign(new Error('killed'), { code: 'EIO' });
  return {
    calls: () => calls,
    async write(fd, bytes, position) {
      calls += 1;
      if (calls < kill) return REAL.write(fd, bytes, position);
      if (calls === kill && how !== 'none') {
        await REAL.write(fd, how === 'half' ? bytes.subarray(0, bytes.length / 2) : bytes, position);
      }
      throw dead();
    },
    async sync(fd) {
      calls += 1;
      if (calls >= kill) throw dead();
      await REAL.sync(fd);
    },
    cut(fd, size) {
      calls += 1;
      if (calls >= kill) throw dead();
      REAL.cut(fd, size);
    },
  };
}

describe.each(FILE_ENGINES)('draining with %s', (engineName) => {
  it('copies each committed record once, as the line that its transaction made', async () => {
    const { trail, folder, engine, queued } = await auditBench(engineName);
    await trail.append({ event: 'code.wrong', user: 'alice', terminal: 'ward-3', detail: 'totp' });
    await trail.append(numbered(1));
    const rows = await engine.read((tx) => tx.all("SELECT line FROM audit_records WHERE chain = '' ORDER BY seq"));
    expect(filesIn(join(folder, '..'))).not.toContain('audit');
    await trail.drain();
    expect(linesIn(folder)).toEqual(rows.map(({ line }) => line));
    expect(filesIn(folder)).toEqual(['audit-000000000001.jsonl', 'database', 'end', 'head', 'lock']);
    expect(await queued()).toEqual([1, 2]);
    await trail.append(numbered(2));
    expect(await queued()).toEqual([3]);
    await trail.drain();
    expect(await trail.verify()).toMatchObject(whole(3));
    expect(await recordsOf(trail, { limit: 2 })).toMatchObject([{ seq: 2 }, { seq: 3, ...numbered(2) }]);
  });

  it('is idempotent, and keeps one chain, whoever writes and drains in which order', async () => {
    const steps = fc.array(
      fc.record({
        process: fc.nat(1),
        what: fc.constantFrom('append', 'drain', 'both', 'twice'),
        count: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const bench = await auditBench(engineName);
        const trails = [bench.trail, await bench.open({ engine: await bench.another() })] as const;
        let written = 0;
        for (const { process, what, count } of plan) {
          const trail = trails[process === 0 ? 0 : 1];
          const other = trails[process === 0 ? 1 : 0];
          const appending = what === 'drain' ? [] : upTo(count).map(() => trail.append(numbered(1)));
          written += appending.length;
          const draining = what === 'append' ? [] : [other.drain(), ...(what === 'twice' ? [trail.drain()] : [])];
          await Promise.all([...appending, ...draining]);
        }
        expect(await numbersOf(trails[1])).toEqual(upTo(written));
        await trails[0].drain();
        const lines = written === 0 ? [] : linesIn(bench.folder);
        await trails[1].drain();
        expect(written === 0 ? [] : linesIn(bench.folder)).toEqual(lines);
        expect(lines.length).toBe(written);
        expect(await trails[0].verify()).toMatchObject(whole(written));
      }),
      { numRuns: 12 },
    );
  });

  it('goes on from wherever it was killed: no record is lost or there twice', async () => {
    let kills = 0;
    for (const how of ['none', 'half', 'all'] as const) {
      for (let kill = 1; ; kill += 1) {
        const bench = await auditBench(engineName);
        await bench.drained(3);
        await bench.record(4);
        const calls = killedAt(kill, how);
        const killed = await bench.open({ calls });
        const outcome = await killed.drain().then(
          () => 'drained',
          ({ code }: { code: string }) => code,
        );
        if (calls.calls() < kill) break;
        kills += 1;
        expect(outcome).toBe('unavailable');
        expect(await bench.trail.verify()).toMatchObject(whole(7));
        expect(await numbersOf(bench.trail)).toEqual(upTo(7));
        // A write in between: what it deletes is in the files for good.
        await bench.trail.append(numbered(8));
        expect(await numbersOf(bench.trail)).toEqual(upTo(8));
        await bench.trail.drain();
        expect(await bench.trail.verify()).toMatchObject(whole(8));
        expect(linesIn(bench.folder).length).toBe(8);
      }
    }
    expect(kills).toBeGreaterThan(10);
  });

  it('is killed at its first record as well', async () => {
    for (let kill = 1; ; kill += 1) {
      const bench = await auditBench(engineName);
      await bench.record(2);
      const calls = killedAt(kill, 'half');
      await (await bench.open({ calls })).drain().catch(() => undefined);
      if (calls.calls() < kill) break;
      expect(await bench.trail.verify()).toMatchObject(whole(2));
      await bench.trail.drain();
      expect(await bench.trail.verify()).toMatchObject(whole(2));
      expect(linesIn(bench.folder).length).toBe(2);
    }
  });

  it('finds short writes, and a disk that is full leaves the records in the database', async () => {
    const bench = await auditBench(engineName);
    await bench.record(3);
    const full = await bench.open({
      calls: { ...REAL, write: async (fd, bytes, at) => (at > 500 ? 0 : REAL.write(fd, bytes.subarray(0, 10), at)) },
    });
    await expect(full.drain()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching('no space'),
    });
    expect(await bench.trail.verify()).toMatchObject(whole(3));
    const slow = await bench.open({
      calls: { ...REAL, write: (fd, bytes, at) => REAL.write(fd, bytes.subarray(0, 10), at) },
    });
    await slow.drain();
    expect(linesIn(bench.folder).length).toBe(3);
    expect(await bench.trail.verify()).toMatchObject(whole(3));
  });

  it('cuts off the line that a killed drain left unfinished', async () => {
    const { trail, folder, drained, record } = await auditBench(engineName);
    await drained(3);
    appendFileSync(firstSegment(folder), (linesIn(folder)[0] ?? '').slice(0, 40));
    expect(await trail.verify()).toMatchObject(whole(3));
    await record(1);
    await trail.drain();
    expect(linesIn(folder).length).toBe(4);
    expect(await trail.verify()).toMatchObject(whole(4));
  });

  it('goes on behind a gap, and the gap stays visible', async () => {
    const { trail, folder, drained, record } = await auditBench(engineName);
    await drained(5);
    rmSync(folder, { recursive: true });
    await record(2);
    await trail.drain();
    expect(await numbersOf(trail)).toEqual([6, 7]);
    expect(await trail.verify()).toMatchObject({ ok: false, records: 0, firstBroken: 1 });
    await drained(2);
    expect(await numbersOf(trail)).toEqual([6, 7, 8, 9]);
    expect(await trail.verify()).toMatchObject({ ok: false, firstBroken: 1 });
  });

  it('writes behind a gap in another segment', async () => {
    const { trail, folder, drained } = await auditBench(engineName, { archived: 9_980 });
    await drained(10);
    rmSync(firstSegment(folder));
    rmSync(join(folder, 'end'));
    await drained(20);
    expect(filesIn(folder)).toContain('audit-000000010001.jsonl');
    expect(await numbersOf(trail)).toEqual(upTo(10_010, 9_991));
    await drained(1);
    expect(await numbersOf(trail)).toEqual(upTo(10_011, 9_991));
    expect(await trail.verify()).toMatchObject({ ok: false, firstBroken: 9_981 });
  });

  it('keeps records behind a gap also when it was killed there', async () => {
    for (let kill = 1; ; kill += 1) {
      const bench = await auditBench(engineName);
      await bench.drained(5);
      putLines(bench.folder, linesIn(bench.folder).slice(0, 3));
      rmSync(join(bench.folder, 'end'));
      await bench.record(2);
      const calls = killedAt(kill, 'half');
      await (await bench.open({ calls })).drain().catch(() => undefined);
      if (calls.calls() < kill) break;
      await bench.trail.append(numbered(8));
      await bench.trail.drain();
      expect(await numbersOf(bench.trail)).toEqual([1, 2, 3, 6, 7, 8]);
      expect(await bench.trail.verify()).toMatchObject({ ok: false, firstBroken: 4 });
    }
  });

  it('starts another file after ten thousand records', async () => {
    const { trail, folder, drained } = await auditBench(engineName);
    await drained(9_999);
    await drained(2);
    await drained(10_002);
    expect(filesIn(folder)).toEqual([
      'audit-000000000001.jsonl',
      'audit-000000010001.jsonl',
      'audit-000000020001.jsonl',
      'database',
      'end',
      'head',
      'lock',
    ]);
    expect(await trail.verify()).toMatchObject(whole(20_003));
    // Found out from the last file alone where nothing notes it.
    rmSync(join(folder, 'end'));
    await drained(1);
    expect(await trail.verify()).toMatchObject(whole(20_004));
  });

  it('reads but the last bytes of the file before, where nothing notes the end', async () => {
    const { trail, folder, drained } = await auditBench(engineName, { archived: 9_980 });
    await drained(21);
    rmSync(join(folder, 'end'));
    // Whoever reads from the beginning stops behind a line that is longer than any record.
    const lines = linesIn(folder);
    putLines(folder, [`${lines[0]}${'x'.repeat(600_000)}`, ...lines.slice(1)]);
    expect(await fileEnd(folder, AUDIT_KEY)).toMatchObject({ seq: 10_001, authentic: true });
    writeFileSync(firstSegment(folder), '{"seq":10000', { flag: 'a' });
    expect(await fileEnd(folder, AUDIT_KEY)).toMatchObject({ seq: 10_001, authentic: true });
    await drained(1);
    expect(await trail.verify()).toMatchObject({ ok: false, firstBroken: 9_981 });
  });

  it('finishes a killed drain at the end of a file', async () => {
    const bench = await auditBench(engineName, { archived: 9_990 });
    await bench.drained(8);
    await bench.record(2);
    const calls = killedAt(3, 'none');
    await expect((await bench.open({ calls })).drain()).rejects.toMatchObject({ code: 'unavailable' });
    await bench.trail.drain();
    await bench.drained(2);
    expect(await bench.trail.verify()).toMatchObject(whole(12));
  });

  it('lets go of a long queue in one go, and soon in a process that stays', async () => {
    const bench = await auditBench(engineName);
    for (const number of upTo(63)) await bench.trail.append(numbered(number));
    expect(filesIn(join(bench.folder, '..'))).not.toContain('audit');
    await bench.trail.append(numbered(64));
    expect(linesIn(bench.folder).length).toBe(64);
    const stays = await bench.open();
    stays.drainInBackground();
    await stays.append(numbered(65));
    expect(linesIn(bench.folder).length).toBe(64);
    await vi.waitFor(() => expect(linesIn(bench.folder).length).toBe(65), { timeout: 20_000, interval: 20 });
    await stays.append(numbered(66));
    await stays.close();
    expect(linesIn(bench.folder).length).toBe(66);
  });

  it('does not keep a login waiting where another drain is stopped', async () => {
    const bench = await auditBench(engineName);
    await bench.drained(1);
    const { acquireFileLock } = await import('../../../src/core/node/file-lock.ts');
    const lock = await acquireFileLock({ path: join(bench.folder, 'lock'), what: 'audit trail', waitMs: 0 });
    await bench.record(70);
    await bench.trail.append(numbered(2));
    expect(linesIn(bench.folder).length).toBe(1);
    lock.release();
    await bench.trail.drain();
    expect(await bench.trail.verify()).toMatchObject(whole(72));
  });
});

describe.each(FILE_ENGINES)('files that are ahead of their database, with %s', (engineName) => {
  /** The database of record 2 is put back by hand. */
  async function rolledBack(): Promise<TrailBench> {
    const bench = await auditBench(engineName);
    await bench.drained(2);
    const [head] = await bench.engine.read((tx) => tx.all("SELECT seq, mac, seal FROM audit_heads WHERE chain = ''"));
    await bench.drained(3);
    await bench.sql(
      `UPDATE audit_heads SET seq = ${head?.seq}, mac = '${head?.mac}', seal = '${head?.seal}' WHERE chain = ''`,
    );
    return bench;
  }

  it('stop grants and changes, and nothing is written to them', async () => {
    const { trail, folder, queued } = await rolledBack();
    const lines = linesIn(folder);
    await expect(trail.append(numbered(6))).rejects.toMatchObject({
      code: 'busy',
      hint: expect.stringMatching('gatehouse restore'),
    });
    expect(await queued()).toEqual([]);
    expect(await trail.verify()).toMatchObject({ ok: false, records: 2, firstBroken: 3 });
    expect(await trail.state()).toMatchObject({ standing: 'ahead' });
    // Failures are counted all the same; their records wait, and never become those of the files.
    for (const user of ['a', 'b', 'c', 'd', 'e']) await trail.append(denied(user));
    expect(await queued()).toEqual([3, 4, 5, 6, 7]);
    await expect(trail.drain()).rejects.toMatchObject({ code: 'busy' });
    await expect(trail.append(numbered(6))).rejects.toMatchObject({ code: 'busy' });
    expect(linesIn(folder)).toEqual(lines);
    expect(await trail.verify()).toMatchObject({ ok: false, firstBroken: 3 });
  });

  it('are told from a folder of which records were removed', async () => {
    const { trail, folder, drained } = await auditBench(engineName);
    await drained(5);
    cpSync(folder, `${folder}.old`, { recursive: true });
    chmodSync(`${folder}.old`, 0o700);
    await drained(5);
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.old`, folder);
    await trail.append(numbered(11));
    expect(await trail.state()).toMatchObject({ standing: 'behind', queued: 1 });
  });
});

describe.each(FILE_ENGINES)('a queue that cannot be drained, with %s', (engineName) => {
  /** A file stands where the folder is to be. */
  const blocked = (folder: string) => {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, '');
  };

  it('stops grants and changes when it is full, and failures are counted', async () => {
    const bench = await auditBench(engineName, { queueMax: 100 });
    const { trail, folder } = bench;
    blocked(folder);
    for (const number of upTo(100)) await trail.append(numbered(number));
    await expect(trail.append(numbered(101))).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching('QueueMax'),
      // "Try again in a moment" would not be true.
      lasting: true,
    });
    for (const user of ['a', 'b', 'c']) await trail.append(denied(user));
    expect((await bench.queued()).length).toBe(100);
    expect(await trail.state()).toMatchObject({ queued: 100 });
    expect(await trail.verify().catch(({ code }) => code)).toBe('file-refused');
    rmSync(folder);
    await trail.drain();
    await trail.append(numbered(102));
    expect((await recordsOf(trail)).slice(-2)).toMatchObject([{ event: 'audit.skipped', count: 3 }, numbered(102)]);
    expect(await trail.verify()).toMatchObject(whole(102));
  });

  it('is emptied as soon as that is possible, without anybody asking for it', async () => {
    const { trail, folder } = await auditBench(engineName, { queueMax: 100 });
    trail.drainInBackground();
    blocked(folder);
    for (const number of upTo(100)) await trail.append(numbered(number));
    rmSync(folder);
    await vi.waitFor(() => trail.append(numbered(101)), { timeout: 20_000, interval: 50 });
    expect(await trail.verify()).toMatchObject(whole(101));
  });

  it('makes a change that recorded nothing impossible: its rows are gone with its record', async () => {
    const { trail, engine, folder } = await auditBench(engineName, { queueMax: 100 });
    blocked(folder);
    for (const number of upTo(100)) await trail.append(numbered(number));
    const write = recordingEngine(engine, trail.journal, {}).write(async (tx) => {
      await tx.run(
        "INSERT INTO failures (counter, factor, failures, known, last_failed_at) VALUES ('c', 'code', 1, 1, 0)",
      );
      tx.record(numbered(0));
    });
    await expect(write).rejects.toMatchObject({ code: 'busy' });
    expect(await engine.read((tx) => tx.all('SELECT counter FROM failures'))).toEqual([]);
  });
});

describe('what goes into the files', () => {
  it('is inert ASCII, and short, whatever text comes from outside', async () => {
    const { trail, folder } = await auditBench();
    const unit = fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]52;c;AAAA\u0007',
        '\u009b31m',
        '\u202e',
        '\u2028',
        '\n',
        '\0',
        '"',
        '\\',
        '\u007f',
      ),
      fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
    );
    const text = fc.string({ unit, maxLength: 150 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(text, text, async (user, terminal) => {
        await trail.append({ event: 'login.denied', user, terminal });
        await trail.drain();
        count += 1;
        const last = linesIn(folder).at(-1) ?? '';
        expect(last).toMatch(/^[\x20-\x7e]+$/);
        expect(last.length).toBeLessThan(RECORD_MAX_BYTES);
        if ([...user].length <= 200) expect((await recordsOf(trail, { limit: 1 }))[0]?.user).toBe(user);
      }),
    );
    await trail.append({ event: 'login.denied', user: 'x'.repeat(1_000_000), terminal: '👩‍⚕️'.repeat(10_000) });
    await trail.drain();
    expect(linesIn(folder).at(-1)?.length).toBeLessThan(RECORD_MAX_BYTES);
    expect(await trail.verify()).toMatchObject(whole(count + 1));
  });

  it('is one line a record, whatever somebody puts into the database', async () => {
    const { trail, folder, record, sql } = await auditBench();
    await record(3);
    await sql(`UPDATE audit_records SET line = '{"x' || char(10) || char(27) || '"}' WHERE seq = 2`);
    await trail.drain();
    expect(linesIn(folder).map((line) => /^[\x20-\x7e]+$/.test(line))).toEqual([true, true, true]);
    expect(await trail.verify()).toMatchObject({ ok: false, firstBroken: 2 });
  });

  it('has the time of the transaction', async () => {
    const { trail, setNow } = await auditBench();
    setNow(START + 5000);
    await trail.append(denied('a'));
    expect(Date.parse((await recordsOf(trail))[0]?.at ?? '')).toBeGreaterThan(START + 5000);
  });
});

describe('the audit files', () => {
  /** Of this process, by what Linux says of it. */
  const openIn = (folder: string) =>
    readdirSync('/proc/self/fd')
      .map((fd) => attempt(() => readlinkSync(`/proc/self/fd/${fd}`)) ?? '')
      .filter((path) => path.startsWith(folder));

  it.skipIf(!existsSync('/proc/self/fd'))('are closed by whoever opened them', async () => {
    const bench = await auditBench('sqlite', { archived: 9_995 });
    const { trail, folder } = bench;
    const away = await bench.open({
      engine: { ...bench.engine, write: () => Promise.reject(new Fault('busy', 'away')) },
    });
    const controller = new AbortController();
    const actor = shellActor('root');
    const uses: Readonly<Record<string, () => Promise<unknown>>> = {
      drain: () => bench.drained(8),
      'drain again': () => trail.drain(),
      'drain without a note': async () => {
        rmSync(join(folder, 'end'));
        await bench.drained(1);
      },
      'a denial aside': () => away.append({ event: 'login.denied', user: 'a' }),
      'and taken over': () => bench.drained(1),
      read: () => numbersOf(trail),
      'read since': () => numbersOf(trail, { since: START + 1, limit: 3 }),
      follow: async () => {
        for await (const _ of trail.follow({ signal: controller.signal })) controller.abort();
      },
      before: async () => trail.before({ place: (await trail.end()).place, limit: 2, filter: undefined }),
      verify: () => trail.verify(),
      archive: () => {
        bench.setNow(START + 9 * 86_400_000);
        return trail.archive({ actor, before: START + 8 * 86_400_000, folder: join(folder, '..', 'archive') });
      },
      'accept a gap': async () => {
        await bench.drained(5);
        writeFileSync(join(folder, 'audit-000000010001.jsonl'), '');
        await trail.acceptGap({ actor });
      },
    };
    for (const [what, use] of Object.entries(uses)) {
      await use();
      expect(openIn(folder), what).toEqual([]);
    }
  });
});

describe('audit files that are not ours', () => {
  it('are made for this account alone', async () => {
    const { folder, drained } = await auditBench();
    await drained(1);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of filesIn(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(name === 'head' ? 0o700 : 0o600);
    }
  });

  it.each(['audit-000000000001.jsonl', 'end', 'lock'])(
    'are refused as %s: a link, a folder, open to others',
    async (name) => {
      for (const put of [
        (path: string, elsewhere: string) => symlinkSync(elsewhere, path),
        (path: string) => mkdirSync(path, { mode: 0o700 }),
        (path: string) => {
          appendFileSync(path, '');
          chmodSync(path, 0o644);
        },
      ]) {
        const { trail, folder, record } = await auditBench();
        const elsewhere = join(folder, '..', 'elsewhere');
        appendFileSync(elsewhere, '', { mode: 0o600 });
        mkdirSync(folder, { mode: 0o700 });
        put(join(folder, name), elsewhere);
        await record(1);
        await expect(trail.drain()).rejects.toMatchObject({ code: 'file-refused' });
        expect(readFileSync(elsewhere, 'utf8')).toBe('');
        // Nobody is shut out by it.
        await trail.append(numbered(2));
      }
    },
  );

  it('are refused where the folder is open to others', async () => {
    const { trail, folder, record, drained } = await auditBench();
    await drained(1);
    chmodSync(folder, 0o755);
    await record(1);
    await expect(trail.drain()).rejects.toMatchObject({ code: 'file-refused' });
  });

  it('go on behind what version 1 noted, and leave its mark to the upgrade', async () => {
    const { trail, folder, drained, record } = await auditBench();
    await drained(3);
    rmSync(join(folder, 'head'), { recursive: true });
    renameSync(join(folder, 'end'), join(folder, 'head'));
    await record(1);
    await trail.drain();
    expect(statSync(join(folder, 'head')).isFile()).toBe(true);
    expect(await trail.verify()).toMatchObject(whole(4));
    rmSync(join(folder, 'head'));
    await record(1);
    await trail.drain();
    expect(statSync(join(folder, 'head')).isDirectory()).toBe(true);
  });
});
