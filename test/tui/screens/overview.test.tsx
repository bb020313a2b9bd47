import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../../support/temporary-facility.ts';
import { type TestConsole, testConsole } from '../../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin' },
  { name: 'audit', role: 'auditor' },
  { name: 'alice' },
  { name: 'bruno' },
] as const;

async function overview(from: Partial<Parameters<typeof testConsole>[0]> & { readonly as?: string } = {}) {
  const test = await testConsole({ people: PEOPLE, ...from });
  await test.until(/User name/);
  test.type(`${from.as ?? 'ada'}\r`);
  await test.until(/Password/);
  test.type(`${PASSWORD}\r`);
  await test.until(/Two-factor roll-out[\s\S]*To mend/);
  return test;
}

async function tick(test: TestConsole): Promise<void> {
  test.clock.advance(1000);
  await test.console.tick();
}

describe('the Overview', () => {
  it('comes first, and shows roll-out and log-ons in words as well as in a picture', async () => {
    const test = await overview();
    await test.require('alice');
    await tick(test);
    const screen = await test.until(/required 1 \(25%\)[\s\S]*last 24 hours {2}\d/);
    expect(screen).toMatch(/paired 0 \(0%\) .*off 3 \(75%\)/);
    expect(screen).toMatch(/0 of 4 users paired/);
    expect(screen).toMatch(/▒{19,20}░{58,59}/);
    expect(screen).toMatch(/Log-ons, last 24 hours {2}1,/);
    expect(screen).toMatch(/Failed {2}none/);
    expect(screen).toMatch(/08:00 UTC/);
  });

  it('counts a failure of another process within a tick', async () => {
    const test = await overview();
    await test.until(/last 24 hours {2}1,/);
    await test.facility.audit.append({ event: 'login.denied', user: 'alice', detail: 'wrong-password' });
    await test.facility.audit.append({ event: 'login.granted', user: 'alice', detail: 'password' });
    await tick(test);
    await test.until(/last 24 hours {2}2,[\s\S]*Failed {2}1,/);
  });

  it('warns and says how to mend; Enter shows all of it', async () => {
    const test = await overview();
    const screen = await test.until(/only administrator/);
    expect(screen).toMatch(/Give a second person the role admin/);
    test.type('\r');
    await test.until(/Enter Close/);
    test.type('\r');
    await test.until(/To mend/);
  });

  it('says loudly that two-factor is off, and for whom it was on', async () => {
    const test = await overview({ settings: '2FA=Off\n' });
    await test.require('alice', 'bruno');
    await tick(test);
    const screen = await test.until(/2 of\s+them have two-factor on/);
    expect(screen).toMatch(/TWO-FACTOR IS OFF/);
    expect(screen.split('\n')[0]).toContain('2FA IS OFF');
  });

  it('has the doctor look at everything for an admin, and not for an auditor', async () => {
    const test = await overview();
    test.type('d');
    const screen = await test.until(/Doctor[\s\S]*clock:/);
    expect(screen).toMatch(/ok {3}store: The database is whole/);
    const other = await overview({ as: 'audit' });
    expect(other.screen()).not.toMatch(/d Doctor/);
    other.type('d');
    expect(other.screen()).toMatch(/Two-factor roll-out/);
  });

  it('is whole in 7 bits without colour, in 60x16, and in 140x40', async () => {
    const plain = await overview({ environment: { LANG: 'C', TERM: 'vt220' } });
    const screen = await plain.until(/To mend {2}\d/);
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen).toMatch(/\.{78}/);
    const small = await overview({ size: { columns: 60, rows: 16 } });
    const lines = (await small.until(/To mend {2}\d/)).split('\n');
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    const large = await overview({ size: { columns: 140, rows: 40 } });
    expect(await large.until(/To mend {2}\d/)).toMatch(/░{138}/);
  });

  it('is told in words where somebody listens', async () => {
    const test = await overview({ environment: { INK_SCREEN_READER: '1' } });
    const screen = await test.until(/only administrator/);
    expect(screen).toMatch(/roll-out of 4 users: paired 0 \(0%\), issued 0/);
    expect(screen).not.toMatch(/[░▒▓█]/);
  });
});
