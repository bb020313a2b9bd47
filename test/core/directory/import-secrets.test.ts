import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../../src/core/base32.ts';
import type { ForeignSecrets } from '../../../src/core/import/foreign-secrets.ts';
import { readOtpauthList } from '../../../src/core/import/otpauth-list.ts';
import { timeStepAt } from '../../../src/core/time-step.ts';
import { codeAt } from '../../../src/core/totp.ts';
import { ADMIN, doneOf, logOn, PASSWORD } from '../../support/temporary-facility.ts';
import { recordsIn } from '../../support/trail-records.ts';
import { AUDITOR, CONSOLE_ADMIN, type DirectoryBench, directoryBench, granted, HELPDESK, refused } from './bench.ts';

/** A secret of 20 bytes that only this mark makes. */
const secretOf = (mark: number) => new Uint8Array(20).fill(mark);

function listOf(...marks: readonly (readonly [user: string, mark: number])[]): ForeignSecrets {
  const uris = marks.map(([user, mark]) => `otpauth://totp/Old:${user}?secret=${encodeBase32(secretOf(mark))}`);
  return readOtpauthList({ file: 'list', text: uris.join('\n') });
}

const request = (found: ForeignSecrets) => ({ found, purpose: 'import', strangers: 'problem' }) as const;

/** `file:line text` of each thing that is wrong. */
async function problemsOf(bench: DirectoryBench, found: ForeignSecrets): Promise<readonly string[]> {
  const outcome = granted(await bench.directory.importSecrets(CONSOLE_ADMIN, request(found)));
  if (outcome.kind !== 'bad-secrets') throw new Error(outcome.kind);
  return outcome.problems.map(({ place, text }) => `${place.file}:${place.line} ${text}`);
}

describe('importing secrets', () => {
  it('pairs each user by the next right code of the phone they have, whether two-factor was off or required', async () => {
    const bench = await directoryBench('2FA=Central:Ward LIVE\n');
    for (const name of ['alice', 'bob']) await bench.addUser(name);
    await bench.require('bob');
    const outcome = granted(await bench.directory.importSecrets(ADMIN, request(listOf(['ALICE', 1], ['bob', 2]))));
    expect(outcome).toMatchObject({ kind: 'imported', leftOut: [] });
    expect((await bench.user('alice')).twoFactor).toMatchObject({ state: 'issued', pairing: { expiresAt: null } });
    const code = codeAt(secretOf(1), timeStepAt(bench.clock.now()));
    const logOnAs = async (username: string) =>
      doneOf(await logOn(bench.converse(), { username, password: PASSWORD, code }));
    expect(await logOnAs('alice')).toMatchObject({ outcome: 'granted', method: 'password+totp', paired: true });
    expect(await logOnAs('alice')).toMatchObject({ outcome: 'denied' });
    expect(await logOnAs('bob')).toMatchObject({ outcome: 'denied' });
    expect((await bench.user('alice')).twoFactor.state).toBe('paired');
    expect((await bench.user('bob')).twoFactor.state).toBe('issued');
    const imported = ['pairing.imported alice otpauth', 'pairing.imported bob otpauth'];
    expect((await bench.trail()).filter((line) => line.startsWith('pairing.imported'))).toEqual(imported);
  });

  it('keeps the secret as it was, under the label of today', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    granted(await bench.directory.importSecrets(ADMIN, request(listOf(['alice', 7]))));
    const shown = granted(await bench.directory.showQr(ADMIN, (await bench.user('alice')).id));
    const base32 = encodeBase32(secretOf(7));
    expect(shown).toMatchObject({
      secret: 'same',
      uri: `otpauth://totp/Ward%20LIVE:alice?secret=${base32}&issuer=Ward%20LIVE`,
    });
  });

  it('leaves no secret in clear: not in the database, not in the trail, not in memory that it was given', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    const found = listOf(['alice', 0x41]);
    granted(await bench.directory.importSecrets(ADMIN, request(found)));
    expect(found.secrets[0]?.secret).toEqual(secretOf(0));
    const database = readFileSync(bench.facility.config.store.path);
    expect(database.includes(Buffer.from(secretOf(0x41)))).toBe(false);
    expect(database.includes(encodeBase32(secretOf(0x41)))).toBe(false);
    const trail = await recordsIn(bench.facility.config);
    expect(trail.map(({ event }) => event)).toContain('pairing.imported');
    expect(JSON.stringify(trail)).not.toContain(encodeBase32(secretOf(0x41)).slice(0, 12));
  });

  it('names everything that is wrong, in the order of the file, and imports nothing', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob', 'carol', 'dave', 'erin']) await bench.addUser(name);
    await bench.require('bob', 'carol');
    await bench.directory.showQr(ADMIN, (await bench.user('bob')).id);
    const { secrets, problems, origin } = listOf(
      ['alice', 1],
      ['nobody', 2],
      ['bob', 3],
      ['Alice', 4],
      ['carol', 5],
      ['dave', 5],
      ['erin', 6],
    );
    const short = { place: { file: 'list', line: 0 }, text: 'the secret has 80 bits' };
    expect(await problemsOf(bench, { origin, secrets, problems: [...problems, short] })).toEqual([
      'list:0 the secret has 80 bits',
      'list:2 there is no user nobody',
      'list:3 bob has a secret here already; leave it out, or deactivate that user first',
      'list:4 the user Alice has a secret in list:1 already',
      'list:6 it has the same secret as list:5, so each could log on as the other; leave both out',
    ]);
    expect((await bench.user('erin')).twoFactor.state).toBe('off');
    expect((await bench.trail()).join()).not.toContain('imported');
  });

  it('refuses the secret that another user has here already, from a stage before', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob']) await bench.addUser(name);
    granted(await bench.directory.importSecrets(ADMIN, request(listOf(['alice', 1]))));
    expect(await problemsOf(bench, listOf(['bob', 1]))).toEqual([
      'list:1 it has the same secret as alice has here, so each could log on as the other; leave it out',
    ]);
    expect(await problemsOf(bench, listOf(['alice', 1]))).toEqual([
      'list:1 alice has a secret here already; leave it out, or deactivate that user first',
    ]);
    await bench.directory.deactivate(ADMIN, (await bench.user('alice')).id);
    expect(await bench.directory.importSecrets(ADMIN, request(listOf(['bob', 1])))).toMatchObject({ kind: 'imported' });
  });

  it('leaves strangers out where that is asked, with whatever is wrong about them', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    const list = listOf(['alice', 1], ['nobody', 1]);
    const bad = { place: { file: 'list', line: 9 }, userName: 'noone', text: 'the secret has 80 bits' };
    const found = { ...list, problems: [bad] };
    const outcome = granted(await bench.directory.importSecrets(ADMIN, { ...request(found), strangers: 'left-out' }));
    expect(outcome).toMatchObject({
      kind: 'imported',
      leftOut: ['noone', 'nobody'],
      matched: [{ user: { name: 'alice' } }],
    });
  });

  it('never leaves out what is wrong about a user who is here', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    const bad = { place: { file: 'list', line: 9 }, userName: 'ALICE', text: 'the secret has 80 bits' };
    const found = { ...listOf(), problems: [bad, { place: bad.place, text: 'it is not a key URI' }] };
    const outcome = granted(await bench.directory.importSecrets(ADMIN, { ...request(found), strangers: 'left-out' }));
    expect(outcome).toMatchObject({
      kind: 'bad-secrets',
      problems: [{ userName: 'ALICE' }, { text: 'it is not a key URI' }],
    });
  });

  it('writes nothing when it only checks', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    const found = listOf(['alice', 1]);
    const checked = await bench.directory.importSecrets(ADMIN, { ...request(found), purpose: 'check-only' });
    expect(checked).toMatchObject({ kind: 'checked', matched: [{ user: { name: 'alice' } }] });
    expect((await bench.user('alice')).twoFactor.state).toBe('off');
    expect((await bench.trail()).at(-1)).toContain('user.added');
  });

  it('imports nothing where somebody is given a secret between the checks and the transaction', async () => {
    const bench = await directoryBench();
    for (const name of ['alice', 'bob']) await bench.addUser(name);
    await bench.require('alice', 'bob');
    const { createDirectory } = await import('../../../src/core/directory/directory.ts');
    const id = (await bench.user('bob')).id;
    const parts = {
      ...bench.facility,
      isBlockedPassword: () => false,
      store: {
        ...bench.facility.store,
        by(who: Parameters<typeof bench.facility.store.by>[0]) {
          const mine = bench.facility.store.by(who);
          const issueMany: typeof mine.issueMany = async (issues, origin) => {
            await bench.directory.showQr(ADMIN, id);
            return mine.issueMany(issues, origin);
          };
          return { ...mine, issueMany };
        },
      },
    };
    const outcome = await createDirectory(parts).importSecrets(ADMIN, request(listOf(['alice', 1], ['bob', 2])));
    expect(outcome).toMatchObject({
      kind: 'bad-secrets',
      problems: [{ place: { line: 2 }, userName: 'bob', text: 'this user was given a secret just now' }],
    });
    expect((await bench.user('alice')).twoFactor.state).toBe('required');
  });

  it('is for administrators, and for a facility whose config.ini has a mode', async () => {
    const bench = await directoryBench();
    await bench.addUser('alice');
    const found = listOf(['alice', 1]);
    for (const actor of [HELPDESK, AUDITOR]) {
      expect(refused(await bench.directory.importSecrets(actor, request(found)))).toBe('not-permitted');
    }
    const without = await directoryBench('');
    expect(refused(await without.directory.importSecrets(ADMIN, request(found)))).toBe('no-label');
  });
});
