import { describe, expect, it } from 'vitest';
import type { RollOut } from '../../../src/core/directory/roll-out.ts';
import { ADMIN, doneOf, logOn, PASSWORD, START } from '../../support/temporary-facility.ts';
import { CONSOLE_ADMIN, type DirectoryBench, directoryBench, granted, refused } from './bench.ts';

const ALL: RollOut = { selection: { kind: 'all' }, from: null };
const DAY = 86_400_000;

async function named(bench: DirectoryBench, ...names: readonly string[]): Promise<RollOut> {
  const users = await Promise.all(names.map((name) => bench.user(name)));
  return { selection: { kind: 'users', ids: users.map(({ id }) => id) }, from: null };
}

async function admin(bench: DirectoryBench, name: string): Promise<void> {
  const { id } = await bench.addUser(name);
  granted(await bench.directory.editUser(ADMIN, { id, changes: { role: 'admin' } }));
}

describe('Require 2FA', () => {
  it('activates all, leaves active users untouched and says how many of each', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob', 'carol']) await bench.addUser(name);
    await bench.require('alice');
    const before = await bench.user('alice');
    bench.clock.advance(1000);
    const outcome = granted(await bench.directory.requireTwoFactor(ADMIN, ALL));
    expect(outcome).toEqual({ kind: 'required', activated: 2, alreadyActive: 1, skipped: [] });
    expect(await bench.user('alice')).toEqual(before);
    expect((await bench.directory.status()).counts).toEqual({ off: 0, required: 3, issued: 0, paired: 0 });
    expect(await bench.trail()).toContain('two-factor.required all 2');
  });

  it('activates a group and nobody else', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob']) await bench.addUser(name);
    granted(await bench.directory.editUser(ADMIN, { id: (await bench.user('bob')).id, changes: { group: 'ward-3' } }));
    const rollOut: RollOut = { selection: { kind: 'group', group: 'ward-3' }, from: null };
    granted(await bench.directory.requireTwoFactor(ADMIN, rollOut));
    expect((await bench.user('alice')).twoFactor.state).toBe('off');
    expect((await bench.user('bob')).twoFactor.state).toBe('required');
    expect(await bench.trail()).toContain('two-factor.required bob group=ward-3 1');
  });

  it('lets a user say "later" until its date, and not after', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    granted(await bench.directory.requireTwoFactor(ADMIN, { ...ALL, from: START + 3 * DAY }));
    const answers = { username: 'alice', password: PASSWORD, choice: 'later' };
    expect(doneOf(await logOn(bench.converse(), answers))).toMatchObject({ outcome: 'granted', method: 'password' });
    bench.clock.advance(3 * DAY);
    expect(doneOf(await logOn(bench.converse(), answers)).outcome).not.toBe('granted');
  });

  it('refuses while config.ini has no 2FA setting: nobody could log on', async () => {
    const bench = await directoryBench('');
    await bench.addUser('alice');
    expect(refused(await bench.directory.requireTwoFactor(ADMIN, ALL))).toBe('no-label');
    expect((await bench.user('alice')).twoFactor.state).toBe('off');
  });

  it('leaves the last administrator out under Central, who could not log on without a QR code', async () => {
    const bench = await directoryBench('2FA=Central:Ward LIVE\n');
    await admin(bench, 'root');
    await bench.addUser('alice');
    const outcome = granted(await bench.directory.requireTwoFactor(ADMIN, ALL));
    expect(outcome).toMatchObject({ activated: 1, skipped: [{ name: 'root', reason: 'last-admin' }] });
    expect((await bench.user('root')).twoFactor.state).toBe('off');
    const again = granted(await bench.directory.requireTwoFactor(CONSOLE_ADMIN, await named(bench, 'root')));
    expect(again).toMatchObject({ activated: 0, skipped: [{ name: 'root', reason: 'last-admin' }] });
  });

  it('takes the last administrator in when a shell names the account, where the QR code can be shown', async () => {
    const bench = await directoryBench('2FA=Central:Ward LIVE\n');
    await admin(bench, 'root');
    const outcome = granted(await bench.directory.requireTwoFactor(ADMIN, await named(bench, 'root')));
    expect(outcome).toMatchObject({ activated: 1, skipped: [] });
    expect(granted(await bench.directory.showQr(ADMIN, (await bench.user('root')).id)).secret).toBe('new');
  });

  it('leaves no administrator out under Auto, or while another one has a QR code', async () => {
    const auto = await directoryBench();
    await admin(auto, 'root');
    expect(granted(await auto.directory.requireTwoFactor(ADMIN, ALL))).toMatchObject({ activated: 1, skipped: [] });
    const central = await directoryBench('2FA=Central:Ward LIVE\n');
    await admin(central, 'root');
    await admin(central, 'second');
    await central.require('second');
    granted(await central.directory.showQr(ADMIN, (await central.user('second')).id));
    expect(granted(await central.directory.requireTwoFactor(ADMIN, ALL))).toMatchObject({ activated: 1, skipped: [] });
  });
});

describe('its rehearsal', () => {
  it('names who would be affected, who has not been there for 90 days, and changes nothing', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob', 'carol']) await bench.addUser(name);
    await logOn(bench.converse(), { username: 'alice', password: PASSWORD });
    bench.clock.advance(91 * DAY);
    await logOn(bench.converse(), { username: 'bob', password: PASSWORD });
    await bench.require('carol');
    const trailBefore = await bench.trail();
    const rehearsal = granted(await bench.directory.rehearse(ADMIN, ALL));
    expect(rehearsal.affected.map(({ name }) => name)).toEqual(['alice', 'bob']);
    expect(rehearsal.idle.map(({ name }) => name)).toEqual(['alice']);
    expect(rehearsal).toMatchObject({ alreadyActive: 1, pairing: 'at-log-on', adminsNeedingQr: [], skipped: [] });
    expect((await bench.user('alice')).twoFactor.state).toBe('off');
    expect(await bench.trail()).toEqual(trailBefore);
  });

  it('says which administrators would need a QR code from another one', async () => {
    const bench = await directoryBench('2FA=Central:Ward LIVE\n');
    for (const name of ['root', 'second']) await admin(bench, name);
    const rehearsal = granted(await bench.directory.rehearse(CONSOLE_ADMIN, await named(bench, 'second')));
    expect(rehearsal.adminsNeedingQr.map(({ name }) => name)).toEqual(['second']);
    const both = granted(await bench.directory.rehearse(CONSOLE_ADMIN, ALL));
    expect(both.skipped.map(({ name }) => name)).toEqual(['root', 'second']);
  });
});
