import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginLogin } from '../../../src/core/login/begin-login.ts';
import type { AuditRecord } from '../../../src/core/node/audit-record.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { restore } from '../../../src/core/node/restore.ts';
import type { Restored } from '../../../src/core/node/restore-rules.ts';
import { upgradeStore } from '../../../src/core/node/upgrade-store.ts';
import { isVoidPassword } from '../../../src/core/void-password.ts';
import { loginDeps } from '../../../src/gate/login-world.ts';
import { ACTOR, passwordOf, type RestorableFacility, restorableFacility } from '../../support/restorable-facility.ts';
import { doneOf, steppedClock } from '../../support/temporary-facility.ts';
import { recordsOf } from '../../support/trail-records.ts';
import { version1Facility, writtenByVersion1 } from '../../support/version-1-facility.ts';

const database = ({ config }: RestorableFacility) => config.store.path;
const audit = ({ config }: RestorableFacility) => config.audit.path;
const segment = (facility: RestorableFacility) => join(audit(facility), 'audit-000000000001.jsonl');

/** Behind every code that a restore just now counts as used. */
const LATER_MS = 150_000;

/** A login takes two minutes at most. */
const TIMEOUT_MS = 110_000;

function changesOf({ affected }: Restored, name: string): readonly string[] {
  return affected.find((one) => one.name === name)?.changes ?? [];
}

function drain(facility: RestorableFacility): Promise<void> {
  return facility.inside(({ facility: { trail } }) => trail.drain());
}

function records(facility: RestorableFacility): Promise<readonly AuditRecord[]> {
  return facility.inside(({ facility: { trail } }) => recordsOf(trail));
}

async function expectTrailVerifies(facility: RestorableFacility): Promise<void> {
  const verified = await facility.inside(({ facility: { trail } }) => trail.verify());
  expect(verified).toMatchObject({ ok: true, firstBroken: null });
}

/** The middle of the file is noise; where it is torn, no row can be trusted any more. */
function damage(facility: RestorableFacility): void {
  const bytes = readFileSync(database(facility));
  bytes.fill(0xa5, 4096, 4096 + 2000);
  writeFileSync(database(facility), bytes);
}

describe.each(['sqljs', 'sqlite'] as const)('restore with %s', (engine) => {
  it('does not give back what was taken away: the reproduction of the issue', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    await facility.add('bob', 'admin');
    const copy = await facility.backUp();
    await facility.require('alice');
    await facility.setPassword('alice', 'a new one for the spring');
    await facility.inside(async ({ directory }) => {
      const bob = await directory.find('bob');
      await directory.editUser(ACTOR, { id: bob?.id ?? fail(), changes: { role: 'user' } });
    });
    const restored = await facility.restore(copy);
    expect(restored).toMatchObject({ users: 3, basis: 'database', admins: 1, trail: { end: 'kept' } });
    expect(changesOf(restored, 'alice')).toEqual(['password-void', 'two-factor-required']);
    expect(changesOf(restored, 'bob')).toEqual(['role-lowered']);
    expect(changesOf(restored, 'root')).toEqual([]);
    expect(await facility.login('alice', passwordOf('alice'))).toBe('denied');
    expect(await facility.login('alice', 'a new one for the spring')).toBe('denied');
    expect(await facility.user('alice')).toMatchObject({ twoFactor: { state: 'required' } });
    expect(isVoidPassword((await facility.user('alice')).passwordHash)).toBe(true);
    expect(await facility.user('bob')).toMatchObject({ role: 'user' });
    expect(await facility.login('bob', passwordOf('bob'))).toBe('granted');
    await facility.setPassword('alice', 'set again by an admin');
    expect(await facility.login('alice', 'set again by an admin', '000000', '000000', '000000')).not.toBe('granted');
    await expectTrailVerifies(facility);
    expect((await records(facility)).find(({ event }) => event === 'store.restored')).toMatchObject({
      ...{ actor: ACTOR.name, count: 3, detail: expect.stringMatching(/^sha256=[0-9a-f]{64} by=database$/) },
    });
  });

  it('keeps disabled and removed accounts, used codes, failures and locks', async () => {
    const facility = await restorableFacility(engine);
    for (const name of ['alice', 'bob', 'carol', 'dan']) await facility.add(name);
    await facility.pair('alice');
    facility.clock.advance(60_000);
    const copy = await facility.backUp();
    const used = await facility.code('alice', 1);
    expect(await facility.login('alice', passwordOf('alice'), used)).toBe('granted');
    expect(await facility.login('nobody', 'x', 'x', 'x', 'x')).toBe('denied');
    await facility.inside(async ({ directory }) => {
      const [bob, carol] = [await directory.find('bob'), await directory.find('carol')];
      await directory.disableUser(ACTOR, bob?.id ?? fail());
      await directory.removeUser(ACTOR, carol?.id ?? fail());
    });
    for (let tries = 0; tries < 2; tries += 1) await facility.login('dan', 'x', 'x', 'x');
    const before = await failures(facility);
    const restored = await facility.restore(copy);
    expect(changesOf(restored, 'bob')).toEqual(['disabled']);
    expect(changesOf(restored, 'carol')).toEqual(['removed', 'disabled', 'password-void', 'two-factor-required']);
    expect(changesOf(restored, 'dan')).toEqual(['locked-or-failures']);
    expect(await facility.user('carol')).toMatchObject({ disabled: true, role: 'user' });
    expect(await failures(facility)).toEqual(before);
    expect(before.length).toBeGreaterThanOrEqual(2);
    // Used after the backup, and every step up to now with what clocks may differ by.
    expect(await facility.login('alice', passwordOf('alice'), used)).not.toBe('granted');
    facility.clock.advance(60_000);
    expect(await facility.login('alice', passwordOf('alice'), await facility.code('alice'))).not.toBe('granted');
    facility.clock.advance(LATER_MS);
    expect(await facility.login('alice', passwordOf('alice'), await facility.code('alice'))).toBe('granted');
  });

  it('keeps pairings and recovery codes only where both have them, and no one-time code', async () => {
    const facility = await restorableFacility(engine);
    for (const name of ['alice', 'bob', 'carol']) await facility.add(name);
    await facility.pair('alice');
    await facility.pair('carol');
    const made = await facility.inside(async ({ directory }) => {
      const alice = (await directory.find('alice'))?.id ?? fail();
      const recovery = await directory.makeRecoveryCodes(ACTOR, alice);
      const oneTime = await directory.makeOneTimeCode(ACTOR, alice);
      if (recovery.kind === 'refused' || oneTime.kind === 'refused') throw new Error('refused');
      return { codes: recovery.codes, oneTime: oneTime.code };
    });
    const copy = await facility.backUp();
    const [spent = '', kept = ''] = made.codes;
    expect(await facility.login('alice', passwordOf('alice'), spent)).toBe('granted');
    await facility.pair('bob');
    await facility.inside(async ({ directory }) => {
      await directory.deactivate(ACTOR, (await directory.find('carol'))?.id ?? fail());
    });
    const restored = await facility.restore(copy);
    expect(changesOf(restored, 'alice')).toEqual(['recovery-codes-void', 'one-time-code-void']);
    // A code was asked of bob; now his password alone would pair a new app.
    expect(changesOf(restored, 'bob')).toEqual(['password-void', 'two-factor-required']);
    expect(changesOf(restored, 'carol')).toEqual(['pairing-void']);
    for (const code of [spent, made.oneTime]) {
      expect(await facility.login('alice', passwordOf('alice'), code)).not.toBe('granted');
    }
    await facility.inside(async ({ directory }) => {
      await directory.unlockUser(ACTOR, (await directory.find('alice'))?.id ?? fail());
    });
    expect(await facility.login('alice', passwordOf('alice'), kept)).toBe('granted');
  });

  it('takes a better hash of the same password, and voids none for it', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    const copy = await facility.backUp();
    await facility.inside(async ({ facility: { store, hasher } }) => {
      const { user } = await store.findUser('alice' as never);
      const to = await hasher.hash(passwordOf('alice'));
      await store.by({}).rehashPassword({ userId: user?.id ?? fail(), from: user?.passwordHash ?? '', to });
    });
    const { passwordHash } = await facility.user('alice');
    expect(await facility.restore(copy)).toMatchObject({ affected: [] });
    expect((await facility.user('alice')).passwordHash).toBe(passwordHash);
    expect(await facility.login('alice', passwordOf('alice'))).toBe('granted');
  });

  it.each(['a restore', 'nothing'])('ends every login that was under way, by a new epoch: %s', async (meanwhile) => {
    const facility = await restorableFacility('sqljs');
    await facility.add('alice');
    await facility.pair('alice');
    const copy = await facility.backUp();
    await facility.inside(async ({ facility: opened }) => {
      const login = beginLogin(loginDeps(opened), { user: 'alice' });
      const first = (await login.start()).at(-1);
      if (first?.type !== 'ask') throw new Error('no password was asked');
      const second = (await login.answer(first.id, passwordOf('alice'))).at(-1);
      if (second?.type !== 'ask') throw new Error('no code was asked');
      if (meanwhile === 'a restore') await facility.restore(copy);
      // A code that was not used, and is later than all that a restore counts as used.
      facility.clock.advance(TIMEOUT_MS);
      const done = doneOf(await login.answer(second.id, await facility.code('alice', 1)));
      expect(done.outcome).toBe(meanwhile === 'nothing' ? 'granted' : 'denied');
    });
  });

  describe('where the database cannot be read', () => {
    it.each(['is damaged', 'is gone'])('goes by the audit trail when it %s', async (how) => {
      const facility = await restorableFacility(engine);
      for (const name of ['alice', 'bob', 'carol', 'dan', 'eve']) await facility.add(name);
      await facility.pair('eve');
      const copy = await facility.backUp();
      facility.clock.advance(LATER_MS);
      const used = await facility.code('eve', 1);
      expect(await facility.login('eve', passwordOf('eve'), used)).toBe('granted');
      await facility.setPassword('alice', 'a new one for the spring');
      await facility.require('bob');
      await facility.inside(async ({ directory }) => {
        await directory.disableUser(ACTOR, (await directory.find('carol'))?.id ?? fail());
        await directory.removeUser(ACTOR, (await directory.find('dan'))?.id ?? fail());
      });
      await drain(facility);
      if (how === 'is gone') rmSync(database(facility));
      else damage(facility);
      const restored = await facility.restore(copy);
      expect(restored).toMatchObject({ basis: 'trail', trail: { end: 'files' } });
      expect(changesOf(restored, 'alice')).toEqual(['password-void']);
      expect(changesOf(restored, 'bob')).toEqual(['two-factor-required']);
      expect(changesOf(restored, 'carol')).toEqual(['disabled']);
      expect(changesOf(restored, 'dan')).toEqual(['removed', 'disabled', 'password-void', 'two-factor-required']);
      expect(await facility.login('eve', passwordOf('eve'), used)).not.toBe('granted');
      await expectTrailVerifies(facility);
    });

    it('keeps what an edit asked of a password', async () => {
      const facility = await restorableFacility(engine);
      for (const name of ['alice', 'bob', 'carol']) await facility.add(name);
      const copy = await facility.backUp();
      const expiresAt = facility.clock.now() + 1000;
      await facility.inside(async ({ facility: { store }, directory }) => {
        const idOf = async (name: string) => (await directory.find(name))?.id ?? fail();
        await directory.editUser(ACTOR, { id: await idOf('alice'), changes: { mustChangePassword: true } });
        await directory.editUser(ACTOR, { id: await idOf('carol'), changes: { mustChangePassword: false } });
        await store.by({}).editUser({ id: await idOf('bob'), changes: { passwordExpiresAt: expiresAt } });
      });
      await drain(facility);
      rmSync(database(facility));
      const restored = await facility.restore(copy);
      expect(changesOf(restored, 'alice')).toEqual(['password-stricter']);
      expect(changesOf(restored, 'carol')).toEqual([]);
      expect(await facility.user('alice')).toMatchObject({ mustChangePassword: true });
      expect(await facility.user('bob')).toMatchObject({ passwordExpiresAt: expiresAt });
      expect(await facility.user('carol')).toMatchObject({ mustChangePassword: false });
    });

    it('finds records in what is left of it that were not in the files yet', async () => {
      const facility = await restorableFacility(engine);
      await facility.add('alice');
      const copy = await facility.backUp();
      await drain(facility);
      await facility.setPassword('alice', 'a new one for the spring');
      expect(readFileSync(segment(facility), 'utf8')).not.toContain('user.password-set');
      damage(facility);
      const restored = await facility.restore(copy);
      expect(changesOf(restored, 'alice')).toEqual(['password-void']);
      expect((await records(facility)).map(({ event }) => event)).toContain('user.password-set');
      await expectTrailVerifies(facility);
    });

    it.each([
      ['there is no trail', (facility: RestorableFacility) => rmSync(audit(facility), { recursive: true })],
      [
        'a record of the trail was changed',
        (facility: RestorableFacility) => {
          const text = readFileSync(segment(facility), 'utf8');
          writeFileSync(segment(facility), text.replace('"store.backup","actor"', '"store.backup","count":1,"actor"'));
        },
      ],
      [
        'the last record of the trail was cut off',
        (facility: RestorableFacility) => {
          const text = readFileSync(segment(facility), 'utf8').trimEnd();
          writeFileSync(segment(facility), `${text.slice(0, text.lastIndexOf('\n'))}\n`);
        },
      ],
      ['nobody can say where the trail ends', (facility: RestorableFacility) => rmSync(join(audit(facility), 'end'))],
    ])('refuses where %s, unless somebody decides', async (_, break_) => {
      const facility = await restorableFacility(engine);
      await facility.add('alice');
      await facility.add('bob', 'admin');
      const copy = await facility.backUp();
      await facility.setPassword('alice', 'a new one for the spring');
      await drain(facility);
      rmSync(database(facility));
      break_(facility);
      await expect(facility.restore(copy)).rejects.toMatchObject({
        ...{ code: 'bad-data', message: expect.stringContaining('nothing was changed') },
        hint: expect.stringMatching(/--void-passwords.*--trust-backup/),
      });
      expect(existsSync(database(facility))).toBe(false);
      const restored = await facility.restore(copy, { unknown: 'void-passwords' });
      expect(restored).toMatchObject({ basis: 'void-passwords', admins: 0 });
      for (const name of ['alice', 'bob', 'root']) expect(changesOf(restored, name)).toEqual(['password-void']);
      expect(await facility.login('alice', passwordOf('alice'))).toBe('denied');
      await facility.setPassword('bob', 'set again by an admin');
      expect(await facility.login('bob', 'set again by an admin')).toBe('granted');
    });

    it('refuses a backup that the trail does not know; trusting it is recorded', async () => {
      const facility = await restorableFacility(engine);
      await facility.add('alice');
      const copy = await facility.backUp();
      await facility.setPassword('alice', 'a new one for the spring');
      await drain(facility);
      rmSync(database(facility));
      const other = join(facility.folder, 'other.db');
      const bytes = readFileSync(copy);
      // Not a byte that means anything to SQLite: the version that wrote it last.
      bytes.writeUInt32BE(1, 96);
      writeFileSync(other, bytes);
      await expect(facility.restore(other)).rejects.toMatchObject({
        ...{ code: 'bad-data', message: expect.stringContaining('does not know this backup') },
      });
      expect(await facility.restore(other, { unknown: 'trust' })).toMatchObject({ basis: 'trusted', affected: [] });
      expect(await facility.login('alice', passwordOf('alice'))).toBe('granted');
      const noted = (await records(facility)).find(({ event }) => event === 'store.restored');
      expect(noted?.detail).toMatch(/ by=trusted trail=files$/);
      await expectTrailVerifies(facility);
    });
  });

  it('takes an old database that somebody put back by hand for what it is', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    await facility.add('bob', 'admin');
    const copy = await facility.backUp();
    await drain(facility);
    copyFileSync(database(facility), `${database(facility)}.old`);
    await facility.setPassword('alice', 'a new one for the spring');
    await facility.inside(async ({ directory }) => {
      const id = (await directory.find('bob'))?.id ?? fail();
      await directory.editUser(ACTOR, { id, changes: { role: 'auditor' } });
    });
    await drain(facility);
    renameSync(`${database(facility)}.old`, database(facility));
    expect(await facility.login('alice', passwordOf('alice'))).not.toBe('granted');
    const restored = await facility.restore(copy);
    expect(restored).toMatchObject({ basis: 'trail', trail: { end: 'files' } });
    expect(changesOf(restored, 'alice')).toEqual(['password-void']);
    expect(await facility.user('bob')).toMatchObject({ role: 'auditor' });
    expect(await facility.login('bob', passwordOf('bob'))).toBe('granted');
    await expectTrailVerifies(facility);
  });

  it('says how many failures an old database recorded that was put back by hand', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    const copy = await facility.backUp();
    // This one is queued in the old database, and in the files later on.
    await facility.inside(({ facility: { audit } }) => audit.append({ event: 'user.edited', user: 'alice' }));
    copyFileSync(database(facility), `${database(facility)}.old`);
    await facility.setPassword('alice', 'a new one for the spring');
    await drain(facility);
    renameSync(`${database(facility)}.old`, database(facility));
    await facility.inside(async ({ facility: { audit: log } }) => {
      for (let tries = 0; tries < 2; tries += 1) await log.append({ event: 'password.wrong', user: 'alice' });
    });
    await facility.restore(copy);
    const noted = (await records(facility)).filter(({ event }) => event === 'audit.skipped');
    expect(noted).toMatchObject([{ count: 2 }]);
    await expectTrailVerifies(facility);
  });

  it('says so where the trail is shorter than it was when the backup was made', async () => {
    const facility = await restorableFacility(engine);
    await drain(facility);
    const copy = await facility.backUp();
    rmSync(database(facility));
    rmSync(audit(facility), { recursive: true });
    const restored = await facility.restore(copy, { unknown: 'void-passwords' });
    expect(restored.trail).toEqual({ end: 'short', records: 0, expected: 2 });
    // Nobody takes the trail for whole afterwards.
    const verified = await facility.inside(({ facility: { trail } }) => trail.verify());
    expect(verified).toMatchObject({ ok: false });
  });

  it('puts one file in the place of the other: one that cannot be written leaves the old one as it is', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    const copy = await facility.backUp();
    await facility.setPassword('alice', 'a new one for the spring');
    const before = await records(facility);
    const inTheWay = `${database(facility)}.new`;
    mkdirSync(join(inTheWay, 'x'), { recursive: true });
    await expect(facility.restore(copy)).rejects.toMatchObject({
      code: 'file-refused',
      hint: expect.stringContaining(`mv ${inTheWay}`),
    });
    rmSync(inTheWay, { recursive: true });
    expect(await records(facility)).toEqual(before);
    expect(await facility.login('alice', 'a new one for the spring')).toBe('granted');
    await facility.restore(copy);
    await expectTrailVerifies(facility);
  });

  it('leaves the old database or the new one when it is really killed, and the next one goes on', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    const copy = await facility.backUp();
    await facility.setPassword('alice', 'a new one for the spring');
    const inNew: boolean[] = [];
    // While the new file is written, and right after one restore in each other round.
    for (let round = 0; round < 6; round += 1) {
      const child = fork(
        resolve('test/core/node/child/restore-for-ever.ts'),
        [join(facility.folder, 'config.ini'), copy],
        { execArgv: [], silent: true },
      );
      const exit = once(child, 'exit');
      if (round % 2 === 0) {
        const watcher = watch(join(database(facility), '..'), (_, name) => {
          if (name?.endsWith('.new')) child.kill('SIGKILL');
        });
        await exit;
        watcher.close();
      } else {
        child.stdout?.once('data', () => child.kill('SIGKILL'));
        await exit;
      }
      const restored = (await records(facility)).filter(({ event }) => event === 'store.restored').length;
      inNew.push(restored > 0);
      const { passwordHash } = await facility.user('alice');
      expect(isVoidPassword(passwordHash)).toBe(restored > 0);
      await expectTrailVerifies(facility);
    }
    expect(inNew.at(-1)).toBe(true);
  });

  it('removes what an earlier restore that was killed left behind', async () => {
    const facility = await restorableFacility(engine);
    const copy = await facility.backUp();
    for (const suffix of ['', '-wal', '-journal', '.lock', '.new']) {
      writeFileSync(`${database(facility)}.restoring${suffix}`, 'half of it', { mode: 0o600 });
    }
    await facility.restore(copy);
    expect(readdirSync(join(database(facility), '..')).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('restores the same backup twice, and a backup of a restored facility', async () => {
    const facility = await restorableFacility(engine);
    await facility.add('alice');
    const first = await facility.backUp();
    await facility.setPassword('alice', 'a new one for the spring');
    const second = await facility.backUp();
    await facility.restore(first);
    expect(changesOf(await facility.restore(second), 'alice')).toEqual(['password-void']);
    expect(changesOf(await facility.restore(first), 'alice')).toEqual(['password-void']);
    for (const password of [passwordOf('alice'), 'a new one for the spring']) {
      expect(await facility.login('alice', password)).toBe('denied');
    }
    await expectTrailVerifies(facility);
  });

  it('takes a backup of version 1, into a facility that was upgraded since', async () => {
    const old = await version1Facility(engine);
    const { config } = old;
    const { backup = '' } = await upgradeStore({ config, actor: ACTOR, brokenTrail: 'refuse' });
    const clock = steppedClock(Date.parse('2026-03-05T08:00:00Z'));
    const restored = await restore({ config, actor: ACTOR, file: backup, unknown: 'refuse', clock });
    expect(restored).toMatchObject({ users: 5, basis: 'database', trail: { end: 'kept' } });
    expect(restored.affected).toEqual([{ id: expect.any(String), name: 'paul', changes: ['one-time-code-void'] }]);
    // On a new machine, where the audit folder does not know this copy.
    rmSync(config.store.path);
    await expect(restore({ config, actor: ACTOR, file: backup, unknown: 'refuse', clock })).rejects.toMatchObject({
      code: 'bad-data',
    });
  });

  it('goes by the trail of version 1 on a new machine, with the audit folder of that time', async () => {
    const old = await version1Facility(engine);
    const { config } = old;
    const file = join(old.folder, 'copy.db');
    copyFileSync(config.store.path, file);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    writtenByVersion1(old, { event: 'store.backup', detail: `sha256=${sha256}`, count: 32 });
    writtenByVersion1(old, { event: 'user.password-set', user: 'rita' });
    writtenByVersion1(old, { event: 'two-factor.required', count: 7 });
    rmSync(config.store.path);
    const restored = await restore({ config, actor: ACTOR, file, unknown: 'refuse' });
    expect(restored).toMatchObject({ users: 5, basis: 'trail' });
    expect(Object.fromEntries(restored.affected.map(({ name, changes }) => [name, changes]))).toEqual({
      ...{ rita: ['password-void'], olive: ['two-factor-required'], paul: ['one-time-code-void'] },
    });
    const facility = await openFacility(config);
    expect(await facility.trail.verify()).toMatchObject({ ok: true, records: 36 });
    await facility.close();
    expect(lstatSync(join(config.audit.path, 'head')).isDirectory()).toBe(true);
  });
});

function failures(facility: RestorableFacility) {
  return facility.inside(async ({ facility: { store } }) => {
    return countersIn(await store.snapshot());
  });
}

async function countersIn(bytes: Uint8Array): Promise<readonly unknown[]> {
  const { openImageEngine } = await import('../../../src/core/store/engines/image-engine.ts');
  const engine = await openImageEngine(Buffer.from(bytes), { now: () => 0 });
  const rows = await engine.read((tx) =>
    tx.all(
      'SELECT counter, factor, failures, locked_until, known, last_failed_at FROM failures ORDER BY counter, factor',
    ),
  );
  await engine.close();
  return rows;
}

function fail(): never {
  throw new Error('is missing');
}
