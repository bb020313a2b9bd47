/**
 * The attack, or the accident: what a killed process leaves beside the database, or somebody puts there, keeps everybody
 * out for good (ACCEPTANCE C40). Either a login goes on by itself, or the message names one command, which is run here
 * as it stands, and the next login goes on.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/core/config/model.ts';
import type { Fault } from '../../src/core/errors.ts';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import { examine } from '../../src/core/node/doctor.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { doneOf, logOn, PASSWORD, temporaryFacility } from '../support/temporary-facility.ts';

const ZEROS = Buffer.alloc(4616);
const NOISE = Buffer.from(Array.from({ length: 4616 }, (_, index) => (index * 2_654_435_761) >>> 13));

function file(name: string, bytes: Uint8Array | string, mode = 0o600) {
  return (data: string) => writeFileSync(join(data, name), bytes, { mode });
}

const GOES_ON: readonly (readonly [string, (data: string) => void])[] = [
  ['a journal of zeros', file('gatehouse.db-journal', ZEROS)],
  ['a journal of zeros that everybody may read', file('gatehouse.db-journal', ZEROS, 0o644)],
  ['a journal of noise', file('gatehouse.db-journal', NOISE, 0o644)],
  ['the first bytes of a journal', file('gatehouse.db-journal', Buffer.from('d9d505f920a163d7', 'hex'))],
  ['an empty journal', file('gatehouse.db-journal', '')],
  ['a log of zeros', file('gatehouse.db-wal', ZEROS)],
  ['a log of noise', file('gatehouse.db-wal', NOISE)],
  ['an empty log', file('gatehouse.db-wal', '')],
  ['an index without its log', file('gatehouse.db-shm', Buffer.alloc(32_768))],
  ['half a database that was to be renamed', file('gatehouse.db.new', NOISE)],
  ['a link where that is written', (data) => symlinkSync('/etc/passwd', join(data, 'gatehouse.db.new'))],
  [
    'a database of a killed restore',
    (data) => cpSync(join(data, 'gatehouse.db'), join(data, 'gatehouse.db.restoring')),
  ],
  ['half a config.ini', file('../config.ini.new', '2FA')],
];

function folder(name: string) {
  return (data: string) => {
    rmSync(join(data, name), { force: true });
    mkdirSync(join(data, name));
  };
}

function link(name: string) {
  return (data: string) => {
    rmSync(join(data, name), { force: true });
    symlinkSync('/etc/hostname', join(data, name));
  };
}

const NAMES_A_COMMAND: readonly (readonly [string, (data: string) => void])[] = [
  ['a lock file that is a folder', folder('gatehouse.db.lock')],
  ['a lock file that is a link', link('gatehouse.db.lock')],
  [
    'a lock file that is open to all',
    (data) => {
      rmSync(join(data, 'gatehouse.db.lock'), { force: true });
      file('gatehouse.db.lock', '')(data);
      execFileSync('chmod', ['666', join(data, 'gatehouse.db.lock')]);
    },
  ],
  ['a journal that is a folder', folder('gatehouse.db-journal')],
  ['a journal that is a link', link('gatehouse.db-journal')],
  ['a log that is a folder', folder('gatehouse.db-wal')],
  ['a log that is a link', link('gatehouse.db-wal')],
];

describe.each(['sqljs', 'sqlite'] as const)('with the store engine %s', (engine) => {
  async function facilityOf(): Promise<{ config: Config; data: string }> {
    const place = await temporaryFacility(`2FA=Auto:Ward LIVE\n[Store]\nEngine=${engine}\n`);
    await place.addUser('alice');
    await place.facility.close();
    return { config: place.facility.config, data: join(place.folder, 'data') };
  }

  it.each(GOES_ON)('%s keeps nobody out', async (_, leave) => {
    const { config, data } = await facilityOf();
    leave(data);
    expect(await login(config)).toBe('granted');
    expect(await login(config)).toBe('granted');
  });

  it.each(NAMES_A_COMMAND)('%s is named with the command that puts it right', async (_, leave) => {
    const { config, data } = await facilityOf();
    leave(data);
    expect(await login(config)).not.toBe('granted');
    const fault = await change(config).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'file-refused', message: expect.stringContaining(data) });
    const command = /(?:^|: )((?:chmod|mv|rm) .*)$/.exec((fault as Fault).hint ?? '')?.[1];
    execFileSync('/bin/sh', ['-c', command ?? 'false']);
    expect(await login(config)).toBe('granted');
  });
});

it('a temporary file that is a folder is named with the command that puts it right', async () => {
  const place = await temporaryFacility();
  const there = join(place.folder, 'data/gatehouse.db.new');
  mkdirSync(there);
  await expect(place.addUser('alice')).rejects.toMatchObject({
    message: `The temporary file ${there} is not a regular file.`,
    hint: `Move it away: mv ${there} ${there}.refused`,
  });
});

it.each(['sqljs', 'sqlite'])(
  'doctor removes copies of the database that a killed restore left, with %s',
  async (engine) => {
    const place = await temporaryFacility(`2FA=Auto:Ward LIVE\n[Store]\nEngine=${engine}\n`);
    const data = join(place.folder, 'data');
    const left = ['gatehouse.db.restoring', 'gatehouse.db.restoring-wal', 'gatehouse.db.new'];
    for (const name of left) file(name, NOISE)(data);
    const checks = () => examine({ configFile: join(place.folder, 'config.ini'), actor: 'tester' });
    const found = async () => (await checks()).filter(({ name }) => name === 'leftovers');
    if (engine === 'sqlite') {
      // Somebody has it open, and might be in the middle of something.
      expect(await found()).toMatchObject([
        { level: 'warn', text: expect.stringContaining(`rm ${join(data, left[2] ?? '')}`) },
      ]);
      expect(readdirSync(data)).toEqual(expect.arrayContaining(left));
    }
    await place.facility.close();
    expect(await found()).toMatchObject([{ level: 'ok', text: expect.stringContaining('gatehouse.db.restoring-wal') }]);
    expect(readdirSync(data).filter((name) => left.includes(name))).toEqual([]);
    expect(await found()).toEqual([]);
  },
);

/** A login of alice, who has a password alone. */
async function login(config: Config): Promise<string> {
  try {
    const facility = await openFacility(config);
    try {
      const said = await logOn(beginLogin(loginDeps(facility), { user: 'alice' }), { password: PASSWORD });
      return doneOf(said).outcome;
    } finally {
      await facility.close();
    }
  } catch (thrown) {
    return String(thrown);
  }
}

/** What an administrator does, and is told more of. */
async function change(config: Config): Promise<void> {
  const facility = await openFacility(config);
  try {
    await facility.store.by({ actor: 'tester' }).record({ event: 'user.edited' });
  } finally {
    await facility.close();
  }
}
