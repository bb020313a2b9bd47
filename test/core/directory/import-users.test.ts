import { describe, expect, it } from 'vitest';
import type { ImportProgress } from '../../../src/core/directory/import-users.ts';
import { ADMIN, doneOf, logOn, PASSWORD } from '../../support/temporary-facility.ts';
import { directoryBench, granted } from './bench.ts';

const importing = (csv: string) => ({ csv, purpose: 'import', passwords: 'stay' }) as const;

describe('importing users', () => {
  it('adds every line, and whoever has a password logs on with it', async () => {
    const { directory, converse, user } = await directoryBench();
    const csv = `name,display,group,role,password\nalice,Alice,ward-3,,${PASSWORD}\nbob,,,helpdesk,\n`;
    expect(granted(await directory.importUsers(ADMIN, importing(csv)))).toEqual({
      kind: 'imported',
      count: 2,
      withoutPassword: 1,
    });
    expect(await user('alice')).toMatchObject({ display: 'Alice', group: 'ward-3', role: 'user' });
    expect(await user('bob')).toMatchObject({ role: 'helpdesk', passwordHash: null });
    expect(doneOf(await logOn(converse(), { username: 'alice', password: PASSWORD })).outcome).toBe('granted');
    expect(doneOf(await logOn(converse(), { username: 'bob', password: '' })).outcome).not.toBe('granted');
  });

  it('names every bad line and adds nobody', async () => {
    const { directory, addUser } = await directoryBench();
    await addUser('taken');
    const csv = [
      'name,display,group,role,password',
      'alice,,,,',
      'a:b,,,,',
      'TAKEN,,,,',
      'bob,,,king,',
      'Alice,,,,',
      'carol,,,,short',
      'dave,"two\nlines",,,',
      'erin,,\u202ex,,',
    ].join('\n');
    const outcome = granted(await directory.importUsers(ADMIN, importing(csv)));
    expect(outcome).toMatchObject({
      kind: 'bad-lines',
      problems: [
        { line: 3, text: expect.stringContaining('colon') },
        { line: 4, text: expect.stringContaining('already') },
        { line: 5, text: expect.stringContaining('no role "king"') },
        { line: 6, text: expect.stringContaining('line 2') },
        { line: 7, text: expect.stringContaining('15 characters') },
        { line: 8, text: expect.stringContaining('line breaks') },
        { line: 10, text: expect.stringContaining('direction') },
      ],
    });
    expect((await directory.users()).map(({ name }) => name)).toEqual(['taken']);
  });

  it('adds nobody when a name is taken between checking and saving', async () => {
    const { directory, facility } = await directoryBench();
    const { createDirectory } = await import('../../../src/core/directory/directory.ts');
    const hasher = {
      ...facility.hasher,
      async hash(password: string) {
        await directory.addUser(ADMIN, { name: 'bob', password: { kind: 'none' } });
        return facility.hasher.hash(password);
      },
    };
    const raced = createDirectory({ ...facility, hasher });
    const csv = `name,password\nalice,${PASSWORD}\nbob,\n`;
    expect(await raced.importUsers(ADMIN, importing(csv))).toMatchObject({
      kind: 'bad-lines',
      problems: [{ line: 3 }],
    });
    expect((await directory.users()).map(({ name }) => name)).toEqual(['bob']);
  });

  it('only checks when it is told to', async () => {
    const { directory, trail } = await directoryBench();
    const outcome = await directory.importUsers(ADMIN, { ...importing('name\nalice\n'), purpose: 'check-only' });
    expect(outcome).toEqual({ kind: 'checked', count: 1, withoutPassword: 1 });
    expect(await directory.users()).toEqual([]);
    expect(await trail()).toEqual([]);
  });

  it('can ask for new passwords at the first log-on', async () => {
    const { directory, user } = await directoryBench();
    const csv = `name,password\nalice,${PASSWORD}\n`;
    await directory.importUsers(ADMIN, { ...importing(csv), passwords: 'must-change' });
    expect((await user('alice')).mustChangePassword).toBe(true);
  });

  it('takes 100,000 lines and tells how far it is', async () => {
    const { directory, trail } = await directoryBench();
    const lines = Array.from({ length: 100_000 }, (_, index) => `user${index},User ${index},group-${index % 50},user,`);
    const progress: ImportProgress[] = [];
    const begun = performance.now();
    const outcome = await directory.importUsers(ADMIN, {
      ...importing(`name,display,group,role,password\n${lines.join('\n')}\n`),
      onProgress: (step) => progress.push(step),
    });
    console.log(`import of 100,000 users: ${Math.round(performance.now() - begun)} ms`);
    expect(outcome).toEqual({ kind: 'imported', count: 100_000, withoutPassword: 100_000 });
    expect((await directory.status()).counts.off).toBe(100_000);
    expect(progress.length).toBeGreaterThan(100);
    expect(progress.at(-1)).toEqual({ phase: 'saving', done: 100_000, total: 100_000 });
    const counts = (await trail()).map((line) => Number(/^user\.imported (\d+)$/.exec(line)?.[1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100_000);
  });
});

describe('exporting users', () => {
  it('gives what import reads, without passwords, secrets and formulas', async () => {
    const first = await directoryBench();
    const csv = `name,display,group,role,password\n=alice,"Liddell, Alice",+ward,helpdesk,${PASSWORD}\nbob,"""Bob""",,admin,\n`;
    granted(await first.directory.importUsers(ADMIN, importing(csv)));
    const exported = granted(await first.directory.exportUsers(ADMIN)).csv;
    expect(exported).not.toContain('argon2');
    expect(exported).toContain("'=alice");
    const second = await directoryBench();
    granted(await second.directory.importUsers(ADMIN, importing(exported)));
    const columns = async (bench: typeof first) =>
      (await bench.directory.users()).map(({ name, display, group, role }) => ({ name, display, group, role }));
    expect(await columns(second)).toEqual(await columns(first));
    expect(await first.trail()).toContain('user.exported 2');
  });
});
