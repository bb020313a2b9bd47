import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  fdatasyncSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AuditCalls } from '../../../src/core/node/audit-append.ts';
import { RECORD_MAX_BYTES } from '../../../src/core/node/audit-record.ts';
import { verifyAuditTrail } from '../../../src/core/node/audit-verify.ts';
import fc from '../../support/properties.ts';
import {
  AUDIT_KEY,
  auditFolder,
  auditIn,
  filesIn,
  firstSegment,
  linesIn,
  numbered,
  recordsOf,
  START,
  trailOf,
} from './audit-trail.ts';

const WRITER = fileURLToPath(new URL('audit-writer.ts', import.meta.url));
const holds = (records: number) => ({ ok: true, records, firstBroken: null });
const verify = (folder: string) => verifyAuditTrail(folder, AUDIT_KEY);

describe('appending to the audit trail', () => {
  it('writes one line of JSON a record, numbered and dated', async () => {
    const folder = auditFolder();
    await auditIn(folder).append({ event: 'code.wrong', user: 'alice', terminal: 'ward-3', detail: 'totp' });
    const at = new Date(START + 1000).toISOString();
    expect(JSON.parse(linesIn(folder)[0] ?? '')).toEqual({
      ...{ seq: 1, at, event: 'code.wrong', user: 'alice', terminal: 'ward-3', detail: 'totp' },
      mac: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await recordsOf(folder)).toEqual([
      { seq: 1, at, event: 'code.wrong', user: 'alice', terminal: 'ward-3', detail: 'totp' },
    ]);
  });

  it('keeps whatever text comes from outside as inert ASCII, and short', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    const text = fc.string({
      unit: fc.oneof(
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
      ),
      maxLength: 150,
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(text, text, async (user, terminal) => {
        await audit.append({ event: 'login.denied', user, terminal });
        count += 1;
        const last = linesIn(folder).at(-1) ?? '';
        expect(last).toMatch(/^[\x20-\x7e]+$/);
        expect(last.length).toBeLessThan(RECORD_MAX_BYTES);
        const [record] = await recordsOf(folder, { limit: 1 });
        if ([...user].length <= 200) expect(record?.user).toBe(user);
      }),
    );
    await audit.append({ event: 'login.denied', user: 'x'.repeat(1_000_000), terminal: '👩‍⚕️'.repeat(10_000) });
    expect(linesIn(folder).at(-1)?.length).toBeLessThan(RECORD_MAX_BYTES);
    expect(await verify(folder)).toEqual(holds(count + 1));
  });

  it('writes down all of many events that come at once, in their order', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    await Promise.all(Array.from({ length: 500 }, (_, index) => audit.append(numbered(index + 1))));
    expect((await recordsOf(folder)).map(({ count }) => count)).toEqual(
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
    expect(await verify(folder)).toEqual(holds(500));
  });

  it('goes on in another file after ten thousand records, and looks at no earlier one to append', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    await Promise.all(Array.from({ length: 20_003 }, (_, index) => audit.append(numbered(index + 1))));
    expect(filesIn(folder)).toEqual([
      'audit-000000000001.jsonl',
      'audit-000000010001.jsonl',
      'audit-000000020001.jsonl',
      'head',
      'lock',
    ]);
    expect(await verify(folder)).toEqual(holds(20_003));
    renameSync(firstSegment(folder), join(folder, 'away'));
    await audit.append(numbered(20_004));
    expect(await verify(folder)).toEqual({ ok: false, records: 0, firstBroken: 1 });
    renameSync(join(folder, 'away'), firstSegment(folder));
    expect(await verify(folder)).toEqual(holds(20_004));
    rmSync(join(folder, 'audit-000000010001.jsonl'));
    expect(await verify(folder)).toEqual({ ok: false, records: 10_000, firstBroken: 10_001 });
  });

  it('begins a new file also where the head was lost just before', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    await Promise.all(Array.from({ length: 10_000 }, (_, index) => audit.append(numbered(index + 1))));
    rmSync(join(folder, 'head'));
    await audit.append(numbered(10_001));
    expect(filesIn(folder)).toContain('audit-000000010001.jsonl');
    expect(await verify(folder)).toEqual({ ok: false, records: 10_000, firstBroken: 10_001 });
  });
});

describe('a writer that is killed', () => {
  it('leaves half a record at most, which the next writer removes and says so', async () => {
    const line = linesIn(await trailOf(4)).at(-1) ?? '';
    for (let length = 1; length < line.length; length += 9) {
      const folder = await trailOf(3);
      appendFileSync(firstSegment(folder), line.slice(0, length));
      expect(await verify(folder)).toEqual(holds(3));
      await auditIn(folder).append(numbered(4));
      expect(await verify(folder)).toEqual(holds(4));
      expect((await recordsOf(folder)).map(({ found }) => found).at(-1)).toBe('torn-record');
    }
  });

  it('may leave a head that lags behind, also over many records and files: the chain leads to the end', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    const heads: Buffer[] = [];
    for (const count of [2, 9_997, 3]) {
      await Promise.all(Array.from({ length: count }, () => audit.append(numbered(1))));
      heads.push(readFileSync(join(folder, 'head')));
    }
    for (const [index, head] of heads.entries()) {
      writeFileSync(join(folder, 'head'), head);
      expect(await verify(folder)).toEqual(holds(10_002 + index));
      await auditIn(folder).append(numbered(2));
      expect(await verify(folder)).toEqual(holds(10_003 + index));
    }
  });

  it('keeps every record that was acknowledged, through many kills', { timeout: 180_000 }, async () => {
    const folder = auditFolder();
    let acknowledged = 0;
    for (let round = 0; round < 8; round += 1) {
      const writer = spawn(process.execPath, [WRITER, folder, `round-${round}`, '100000']);
      const seen = numbersOf(writer);
      await seen.atLeast(5 + round * 3);
      writer.kill('SIGKILL');
      await once(writer, 'close');
      acknowledged += seen.count();
      const records = (await recordsOf(folder)).filter(({ user }) => user === `round-${round}`);
      expect(records.length).toBeGreaterThanOrEqual(seen.count());
      expect((await verify(folder)).ok).toBe(true);
    }
    expect((await verify(folder)).records).toBeGreaterThanOrEqual(acknowledged);
    console.info(`audit: ${acknowledged} records acknowledged, 8 writers killed, none lost`);
  });
});

describe('many writers', () => {
  it('lose nothing and keep one chain, in processes of their own', { timeout: 180_000 }, async () => {
    const folder = auditFolder();
    const said = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const writer = spawn(process.execPath, [WRITER, folder, `w${index}`, '60']);
        writer.on('error', () => undefined);
        return (await text(writer.stdout)).trim().split('\n');
      }),
    );
    // On a machine that is busy enough somebody's turn may not come in time: that is an error, and no record.
    const written = said.map((lines) => lines.filter((line) => !line.startsWith('busy: ')));
    expect(written.flat().length).toBeGreaterThan(300);
    expect(await verify(folder)).toEqual(holds(written.flat().length));
    const records = await recordsOf(folder);
    written.forEach((numbers, index) => {
      const own = records.filter(({ user }) => user === `w${index}`).map(({ count }) => `${count}`);
      expect(own).toEqual(numbers);
    });
  });
});

describe('a disk that fails', () => {
  const real: AuditCalls = {
    write: async (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
    sync: async (fd) => fdatasyncSync(fd),
  };
  const noSpace = () => Object.assign(new Error('no space'), { code: 'ENOSPC' });

  it('is an error at whichever call it fails, and the trail goes on whole when it is well again', async () => {
    let faults = 0;
    const failures: readonly ((inner: () => Promise<unknown>) => Promise<never>)[] = [
      () => Promise.reject(noSpace()),
      () => Promise.reject(Object.assign(new Error('i/o'), { code: 'EIO' })),
      // The call is done, and then reported as failed.
      async (inner) => {
        await inner();
        throw noSpace();
      },
    ];
    for (const fail of failures) {
      for (let failing = 1; failing <= 4; failing += 1) {
        const folder = auditFolder();
        let calls = 0;
        const counted = <T>(inner: () => Promise<T>): Promise<T> => {
          calls += 1;
          return calls === failing ? fail(inner) : inner();
        };
        const ailing = auditIn(folder, {
          write: (fd, bytes, position) => counted(() => real.write(fd, bytes, position)),
          sync: (fd) => counted(() => real.sync(fd)),
        });
        const outcome = await ailing.append(numbered(1)).then(
          () => 'written',
          ({ code }: { code: string }) => code,
        );
        // Of the calls for the first record: first head, record, sync, head.
        expect(outcome).toBe('unavailable');
        faults += 1;
        await auditIn(folder).append(numbered(2));
        expect((await verify(folder)).ok).toBe(true);
        expect((await recordsOf(folder)).at(-1)?.count).toBe(2);
      }
    }
    console.info(`audit: ${faults} failed system calls, each an error, the chain whole after each`);
  });

  it('is found out by short writes too', async () => {
    const folder = auditFolder();
    const slow = auditIn(folder, {
      ...real,
      write: async (fd, bytes, position) => real.write(fd, bytes.subarray(0, 10), position),
    });
    await slow.append(numbered(1));
    expect(await verify(folder)).toEqual(holds(1));
    const full = auditIn(folder, {
      ...real,
      write: async (fd, bytes, position) => (position > 200 ? 0 : real.write(fd, bytes.subarray(0, 10), position)),
    });
    await expect(full.append(numbered(2))).rejects.toMatchObject({ code: 'unavailable' });
    expect(await verify(folder)).toEqual(holds(1));
  });

  it('is an error for those alone whose records are not there: a real limit of the kernel', async () => {
    const folder = auditFolder();
    const limited = spawnSync(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`, process.execPath, WRITER, folder, 'alice', '60'],
      {
        encoding: 'utf8',
      },
    );
    const said = limited.stdout.trim().split('\n');
    const written = said.filter((line) => /^\d+$/.test(line)).length;
    expect(written).toBeGreaterThan(5);
    expect(written).toBeLessThan(60);
    expect(said.slice(written)).toEqual(
      Array.from({ length: 60 - written }, () =>
        expect.stringMatching(/^unavailable: The audit file .* would be too big\.$/),
      ),
    );
    expect(await verify(folder)).toEqual(holds(written));
    await auditIn(folder).append(numbered(1));
    expect(await verify(folder)).toEqual(holds(written + 1));
  });
});

describe('files that are not ours', () => {
  it('are made for this account alone', async () => {
    const folder = join(auditFolder(), 'data', 'audit');
    await auditIn(folder).append(numbered(1));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of filesIn(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it.each(['audit-000000000001.jsonl', 'head', 'lock'])(
    'are refused as %s: a link, a FIFO, a folder, open to others',
    async (name) => {
      const elsewhere = join(auditFolder(), 'elsewhere');
      appendFileSync(elsewhere, '', { mode: 0o600 });
      for (const put of [
        (path: string) => symlinkSync(elsewhere, path),
        (path: string) => execFileSync('mkfifo', ['-m', '600', path]),
        (path: string) => mkdirSync(path, { mode: 0o700 }),
        (path: string) => {
          appendFileSync(path, '');
          chmodSync(path, 0o644);
        },
      ]) {
        const folder = auditFolder();
        put(join(folder, name));
        await expect(auditIn(folder).append(numbered(1))).rejects.toMatchObject({ code: 'file-refused' });
      }
      expect(readFileSync(elsewhere, 'utf8')).toBe('');
    },
  );

  it('are refused where the folder is open to others', async () => {
    const folder = auditFolder();
    chmodSync(folder, 0o755);
    await expect(auditIn(folder).append(numbered(1))).rejects.toMatchObject({ code: 'file-refused' });
  });
});

/** The numbers that a writer acknowledges. */
function numbersOf(writer: ChildProcess) {
  let text = '';
  const waiters: (() => void)[] = [];
  writer.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const wake of waiters.splice(0)) wake();
  });
  const count = () => text.split('\n').length - 1;
  return {
    count,
    async atLeast(wanted: number) {
      while (count() < wanted) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}
