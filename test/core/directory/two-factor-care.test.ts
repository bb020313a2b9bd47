import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { timeStepAt } from '../../../src/core/time-step.ts';
import { codeAt } from '../../../src/core/totp.ts';
import { ADMIN, doneOf, logOn, PASSWORD } from '../../support/temporary-facility.ts';
import { type DirectoryBench, directoryBench, granted, refused } from './bench.ts';

const CENTRAL = '2FA=Central:Ward LIVE\n';

async function shown(bench: DirectoryBench, name: string) {
  return granted(await bench.directory.showQr(ADMIN, (await bench.user(name)).id));
}

/** The code that an app shows which scanned the QR code. */
function codeOf(uri: string, now: number): string {
  const base32 = new URL(uri).searchParams.get('secret') ?? '';
  const bits = [...base32].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return codeAt(Uint8Array.from(bytes), timeStepAt(now));
}

async function pair(bench: DirectoryBench, name: string): Promise<string> {
  const { uri } = await shown(bench, name);
  const code = codeOf(uri, bench.clock.now());
  const done = doneOf(await logOn(bench.converse(), { username: name, password: PASSWORD, code }));
  expect(done).toMatchObject({ outcome: 'granted', method: 'password+totp', paired: true });
  return uri;
}

describe('Show QR Code', () => {
  it('lets nobody in under Central before an admin has shown it, then pairs by a right code', async () => {
    const bench = await directoryBench(CENTRAL);
    await bench.addUser('alice');
    await bench.require('alice');
    const before = doneOf(await logOn(bench.converse(), { username: 'alice', password: PASSWORD }));
    expect(before).toMatchObject({ outcome: 'denied', reason: 'administrator' });
    await pair(bench, 'alice');
    expect((await bench.user('alice')).twoFactor.state).toBe('paired');
  });

  it('shows the same secret again, before and after pairing, and says so', async () => {
    const bench = await directoryBench(CENTRAL);
    await bench.addUser('alice');
    await bench.require('alice');
    const first = await shown(bench, 'alice');
    const second = await shown(bench, 'alice');
    await pair(bench, 'alice');
    const third = await shown(bench, 'alice');
    expect([first.secret, second.secret, third.secret]).toEqual(['new', 'same', 'same']);
    expect([second.uri, third.uri]).toEqual([first.uri, first.uri]);
    expect(first.uri).toMatch(/^otpauth:\/\/totp\/Ward%20LIVE:alice\?secret=[A-Z2-7]{32}&issuer=Ward%20LIVE$/);
    expect(first.key.replaceAll(' ', '')).toBe(new URL(first.uri).searchParams.get('secret'));
  });

  it('makes a secret for a user under Auto too, whose days to pair alone may be over', async () => {
    const bench = await directoryBench('2FA=Auto:Ward LIVE\n', '[Login]\nAutoPairingWithinDays=1\n');
    await bench.addUser('alice');
    await bench.require('alice');
    bench.clock.advance(2 * 86_400_000);
    const before = doneOf(await logOn(bench.converse(), { username: 'alice', password: PASSWORD }));
    expect(before).toMatchObject({ outcome: 'denied', reason: 'administrator' });
    await pair(bench, 'alice');
  });

  it('gives every user a secret of their own', async () => {
    const bench = await directoryBench(CENTRAL);
    const names = ['alice', 'bob', 'carol'];
    for (const name of names) await bench.addUser(name);
    await bench.require(...names);
    const uris = await Promise.all(names.map(async (name) => (await shown(bench, name)).uri.split('secret=')[1]));
    expect(new Set(uris).size).toBe(3);
  });

  it('refuses where two-factor is off for the user, or config.ini has no label', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    expect(refused(await bench.directory.showQr(ADMIN, alice.id))).toBe('two-factor-off');
    for (const settings of ['2FA=Off\n', '']) {
      const off = await directoryBench(settings);
      const bob = await off.addUser('bob');
      expect(refused(await off.directory.showQr(ADMIN, bob.id))).toBe('no-label');
    }
  });

  it('is in the audit trail each time', async () => {
    const bench = await directoryBench(CENTRAL);
    await bench.addUser('alice');
    await bench.require('alice');
    await shown(bench, 'alice');
    await shown(bench, 'alice');
    expect((await bench.trail()).filter((line) => line.startsWith('pairing'))).toEqual([
      'pairing.issued alice',
      'pairing.shown alice',
      'pairing.shown alice',
    ]);
  });

  it('hands out no secret when the audit trail cannot be written', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    await bench.require('alice');
    const { createDirectory } = await import('../../../src/core/directory/directory.ts');
    const { store } = bench.facility;
    const unrecorded = () => Promise.reject(new Error('disk full'));
    const by: typeof store.by = (who) => ({ ...store.by(who), issueByAdmin: unrecorded, putOneTimeCode: unrecorded });
    const mute = createDirectory({ ...bench.facility, store: { ...store, by } });
    await expect(mute.showQr(ADMIN, alice.id)).rejects.toThrow('disk full');
    await expect(mute.makeOneTimeCode(ADMIN, alice.id)).rejects.toThrow('disk full');
  });
});

describe('Deactivate', () => {
  it('destroys the secret in the database file, and a new one comes after Require 2FA', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    await bench.require('alice');
    const oldUri = await pair(bench, 'alice');
    const sealed = (await bench.user('alice')).twoFactor.pairing?.sealedSecret ?? '';
    const database = bench.facility.config.store.path;
    expect(readFileSync(database).includes(sealed)).toBe(true);
    expect(granted(await bench.directory.deactivate(ADMIN, alice.id)).kind).toBe('deactivated');
    expect(readFileSync(database).includes(sealed)).toBe(false);
    expect(granted(await bench.directory.deactivate(ADMIN, alice.id)).kind).toBe('already-off');
    await bench.require('alice');
    const newUri = (await shown(bench, 'alice')).uri;
    expect(newUri).not.toBe(oldUri);
    bench.clock.advance(60_000);
    const code = codeOf(oldUri, bench.clock.now());
    const done = doneOf(await logOn(bench.converse(), { username: 'alice', password: PASSWORD, code }));
    expect(done.outcome).toBe('denied');
  });
});

describe('codes in place of the phone', () => {
  it('makes a one-time code that lets in once, within the hour', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    await bench.require('alice');
    const { code, expiresAt } = granted(await bench.directory.makeOneTimeCode(ADMIN, alice.id));
    expect(expiresAt).toBe(bench.clock.now() + 3_600_000);
    const answers = { username: 'alice', password: PASSWORD, code };
    expect(doneOf(await logOn(bench.converse(), answers))).toMatchObject({ method: 'password+one-time' });
    expect(doneOf(await logOn(bench.converse(), answers)).outcome).toBe('denied');
    const late = granted(await bench.directory.makeOneTimeCode(ADMIN, alice.id)).code;
    bench.clock.advance(3_600_001);
    expect(doneOf(await logOn(bench.converse(), { ...answers, code: late })).outcome).toBe('denied');
  });

  it('makes no one-time code for a user who has two-factor off', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    expect(refused(await bench.directory.makeOneTimeCode(ADMIN, alice.id))).toBe('two-factor-off');
  });

  it('makes ten recovery codes for a paired user, and voids those before', async () => {
    const bench = await directoryBench(CENTRAL);
    const alice = await bench.addUser('alice');
    await bench.require('alice');
    expect(refused(await bench.directory.makeRecoveryCodes(ADMIN, alice.id))).toBe('not-paired');
    await pair(bench, 'alice');
    const old = granted(await bench.directory.makeRecoveryCodes(ADMIN, alice.id)).codes;
    const codes = granted(await bench.directory.makeRecoveryCodes(ADMIN, alice.id)).codes;
    expect(new Set([...old, ...codes]).size).toBe(20);
    const answers = { username: 'alice', password: PASSWORD };
    expect(doneOf(await logOn(bench.converse(), { ...answers, code: old[0] ?? '' })).outcome).toBe('denied');
    const done = doneOf(await logOn(bench.converse(), { ...answers, code: codes[0] ?? '' }));
    expect(done).toMatchObject({ outcome: 'granted', method: 'password+recovery' });
  });
});
