import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from 'ink-testing-library';
import { describe, expect, it, onTestFinished } from 'vitest';
import { App } from '../../../src/tui/app.tsx';
import { PASSWORD } from '../../support/temporary-facility.ts';
import { type TestConsole, testConsole } from '../../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin' },
  { name: 'audit', role: 'auditor' },
] as const;

/** On the Audit screen, behind so many records of log-ons. */
async function auditScreen(count: number, from: Partial<Parameters<typeof testConsole>[0]> = {}, as = 'ada') {
  let feed: ((text: string) => void) | undefined;
  const test = await testConsole({ people: PEOPLE, typeIntoInk: (text) => feed?.(text), ...from });
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(
    numbers.map((number) =>
      test.facility.audit.append({
        event: 'login.granted',
        user: `user-${number}`,
        terminal: 'ward-3',
        detail: 'password',
      }),
    ),
  );
  await test.until(/User name/);
  test.type(`${as}\r`);
  await test.until(/Password/);
  test.type(`${PASSWORD}\r`);
  await test.until(/Gatehouse . Overview/);
  while (!/Gatehouse . Audit/.test(test.screen())) test.type('\t');
  await test.until(/records, newest first|^Record/m);
  // An Ink that reads what is typed, for ink-text-input.
  const tree = <App console={test.console} />;
  const ink = render(tree);
  onTestFinished(() => ink.unmount());
  feed = (text) => {
    ink.rerender(tree);
    ink.stdin.write(text);
    ink.rerender(tree);
  };
  return test;
}

function rows(test: TestConsole): readonly string[] {
  return test
    .screen()
    .split('\n')
    .filter((line) => /^[› ] \d{4}-/.test(line));
}

async function tick(test: TestConsole): Promise<void> {
  test.clock.advance(1000);
  await test.console.tick();
}

describe('the Audit screen', () => {
  it('shows the newest record first, and everything about the one at the cursor', async () => {
    const test = await auditScreen(30);
    expect(rows(test)[0]).toMatch(/^› 2026-03-02 08:00:00 console\.signed-in +ada/);
    test.type('jjj');
    const screen = await test.until(/› .*user-29/);
    expect(screen).toMatch(/─ Record \d+ ─+\n Logged on\.\n[\s\S]*User +user-29[\s\S]*How +password +Terminal +ward-3/);
  });

  it('loads further back as the cursor goes there, and keeps what it shows', async () => {
    const test = await auditScreen(1200);
    await test.until(/500\+ records/);
    for (let page = 0; page < 40; page += 1) test.type('\x1b[6~');
    await test.until(/1000\+ records/);
    test.type('G');
    await test.until(/› .*user-\d+ /);
    for (let page = 0; page < 60 && !/ 120\d records/.test(test.screen()); page += 1) {
      test.type('G');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await test.until(/ 120\d records/);
    test.type('Gkkk');
    await test.until(/facility|user\.added|user-1 /);
  });

  it('searches as one types, whatever stands in a record, and Esc drops the search', async () => {
    const test = await auditScreen(700);
    test.type('/user-12');
    await test.until(/11 records found/);
    expect(rows(test).every((row) => row.includes('user-12'))).toBe(true);
    test.type('9');
    await test.until(/\/user-129[\s\S]* 1 record found/);
    test.type('\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7fSIGNED ada');
    await test.until(/\/SIGNED ada[\s\S]*1 record found/);
    test.type('\x15nobody');
    await test.until(/No record is like that/);
    test.type('\x1b');
    await test.until(/records, newest first/);
  });

  it('keeps nothing of a paste that steers the terminal', async () => {
    const test = await auditScreen(3);
    test.type('/\x1b[200~user-\x1b[31m2\u202e\r\n\x1b[201~');
    const screen = await test.until(/ \d records? found/);
    expect(screen).not.toMatch(/[\x1b\u202e]/);
  });

  it('shows what others write within a tick, and stays on the record one looks at', async () => {
    const test = await auditScreen(5);
    await test.facility.audit.append({ event: 'user.disabled', actor: 'os:root', user: 'mallory' });
    await tick(test);
    expect((await test.until(/mallory/)).split('\n')[3]).toMatch(/^› .*user\.disabled/);
    test.type('jj');
    const at = rows(test).find((row) => row.startsWith('›'));
    await test.facility.audit.append({ event: 'user.enabled', actor: 'os:root', user: 'mallory' });
    await tick(test);
    await test.until(/user\.enabled/);
    expect(rows(test).find((row) => row.startsWith('›'))).toBe(at);
  });

  it('lets a search see what others write only where it matches', async () => {
    const test = await auditScreen(5);
    test.type('/mallory\r');
    await test.until(/No record is like that/);
    await test.facility.audit.append({ event: 'user.disabled', user: 'alice' });
    await test.facility.audit.append({ event: 'user.disabled', user: 'Mallory' });
    await tick(test);
    await test.until(/1 record found/);
  });

  it('verifies: whole, or the first record that is not', async () => {
    const test = await auditScreen(20, {}, 'audit');
    test.type('v');
    await test.until(/All \d+ records are whole/);
    test.type('\r');
    await test.facility.trail.drain();
    const file = join(test.facility.config.audit.path, 'audit-000000000001.jsonl');
    writeFileSync(file, readFileSync(file, 'latin1').replace('user-7"', 'user-8"'));
    await test.until(/v Verify/);
    test.type('v');
    const screen = await test.until(/BROKEN AT RECORD \d+/);
    const broken = Number(/AT RECORD (\d+)/.exec(screen)?.[1]);
    expect(readFileSync(file, 'latin1').split('\n')[broken - 1]).toContain('user-8"');
  });

  it('draws names inert, in 7 bits, and in the smallest window', async () => {
    const test = await auditScreen(0, { environment: { LANG: 'C', TERM: 'vt220' }, size: { columns: 60, rows: 16 } });
    await test.facility.audit.append({ event: 'login.denied', user: '\x1b[31mred\u202e', terminal: 'stück\x07' });
    await tick(test);
    const screen = await test.until(/login\.denied/);
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('is told in words where somebody listens', async () => {
    const test = await auditScreen(2, { environment: { INK_SCREEN_READER: '1' } });
    expect(test.screen()).toMatch(/Record \d+, 2026-03-02 08:00:00 UTC\. Signed in to the console\./);
    test.type('jj');
    await test.until(/Logged on\.\s+User user-2\. Terminal ward-3\. How: password\./);
  });
});
