import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADMIN } from '../../support/temporary-facility.ts';
import { type TestConsole, testConsole } from '../../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin' },
  { name: 'audit', role: 'auditor' },
] as const;

async function configScreen(from: Partial<Parameters<typeof testConsole>[0]> = {}, as = 'ada') {
  const test = await testConsole({ people: PEOPLE, ...from });
  await test.signIn(as);
  while (!/Gatehouse . Config/.test(test.screen())) test.type('\t');
  await test.until(/Attempts/);
  const file = join(test.folder, 'config.ini');
  return { ...test, file, text: () => readFileSync(file, 'utf8') };
}

/** The cursor on this setting. */
function goTo(test: TestConsole, key: string): void {
  test.type('g');
  for (let row = 0; !new RegExp(`^[›>]. ${key} `, 'm').test(test.screen()); row += 1) {
    if (row > 40) throw new Error(`no ${key}:\n${test.screen()}`);
    test.type('j');
  }
}

describe('the Config screen', () => {
  it('shows every setting with its value, default, help and what is allowed', async () => {
    const test = await configScreen();
    expect(test.screen()).toMatch(/› {2}2FA +Auto:Ward LIVE[\s\S]*The app shows: Ward LIVE: ada/);
    goTo(test, 'TimeoutSeconds');
    expect(test.screen()).toMatch(/120 seconds {2}default[\s\S]*takes longer[\s\S]*Allowed: 10 to 3600 seconds/);
    goTo(test, 'QrSeconds');
    expect(test.screen()).toMatch(/Terminal\.QrSeconds/);
  });

  it('checks while one types, saves after a question that is not answered by Enter, and keeps comments', async () => {
    const test = await configScreen({ settings: '; mine\n2FA=Auto:Ward LIVE ; our ward\n' });
    goTo(test, 'CodeWindow');
    test.type('\r');
    await test.until(/Time steps/);
    test.type('\x1599');
    expect(test.screen()).toMatch(/"99" is too high; write a number from 0 to 10/);
    test.type('\r');
    expect(test.screen()).toMatch(/too high/);
    test.type('\x152');
    expect(test.screen()).toMatch(/! More steps are more codes/);
    test.type('\r');
    await test.until(/2 steps {2}\(was 1\)[\s\S]*s Save/);
    expect(test.text()).not.toContain('CodeWindow');
    test.type('s');
    await test.until(/Login\.CodeWindow *│?\n.*was "1" *│?\n.*now "2"/);
    test.type('\r');
    await test.until(/1 change not saved/);
    // Typed ahead, y is no answer.
    test.type('sy');
    await test.until(/now "/);
    test.type('n');
    await test.until(/1 change not saved/);
    test.type('s');
    await test.until(/now "/);
    test.type('y');
    await test.until(/Saved; comments/);
    expect(test.text()).toContain('; mine\n2FA=Auto:Ward LIVE ; our ward\n');
    expect(test.text()).toMatch(/\[Login\]\nCodeWindow=2/);
    expect(await test.events('ada')).toContain('config.changed');
    expect(test.console.desk.config().login.codeWindow).toBe(2);
  });

  it('says loudly what 2FA=Off does, and what a changed label does', async () => {
    const test = await configScreen();
    test.type('\r');
    await test.until(/Mode/);
    test.type('\t TEST');
    const screen = await test.until(/Ward LIVE TEST: ada/);
    expect(screen).toMatch(/new QR codes alone/);
    test.type('\x15Ward');
    expect(test.screen()).toMatch(/! Name the facility and the system type/);
    test.type('\x15a:b');
    expect(test.screen()).toMatch(/colon/);
    test.type('\x1b[A\x1b[D');
    await test.until(/THIS SWITCHES TWO-FACTOR OFF/);
    test.type('\r');
    await test.until(/1 change not saved/);
    test.type('s');
    await test.until(/THIS SWITCHES TWO-FACTOR OFF[\s\S]*y Yes/);
    test.type('y');
    await test.until(/2FA IS OFF/);
    expect(test.text()).toMatch(/^2FA=Off$/m);
  });

  it('names administrators who would be shut out, before it is saved', async () => {
    const test = await configScreen({ people: [...PEOPLE, { name: 'bea', role: 'admin' }] });
    const { directory } = test.console.desk;
    const bea = await directory.find('bea');
    await directory.requireTwoFactor(ADMIN, { selection: { kind: 'users', ids: bea ? [bea.id] : [] }, from: null });
    test.type('\r');
    await test.until(/Mode/);
    test.type('\x1b[C');
    await test.until(/Central/);
    test.type('\r');
    await test.until(/1 change not saved/);
    test.type('s');
    await test.until(/not paired cannot log in[\s\S]*: bea\.[\s\S]*y Yes/);
  });

  it('refuses to save over what somebody else changed, says what that was, and keeps what was typed', async () => {
    const test = await configScreen();
    goTo(test, 'Attempts');
    test.type('\r');
    await test.until(/before it ends/);
    test.type('\x155\r');
    await test.until(/1 change not saved/);
    writeFileSync(test.file, test.text().replace('Ward LIVE', 'Ward TEST'));
    test.type('s');
    await test.until(/now "/);
    test.type('y');
    const screen = await test.until(/Changed meanwhile/);
    expect(screen).toMatch(/2FA: was "Auto:Ward LIVE", is "Auto:Ward TEST" now/);
    expect(test.text()).not.toContain('Attempts');
    test.type('\r');
    await test.until(/1 change not saved/);
    test.type('s');
    await test.until(/now "/);
    test.type('y');
    await test.until(/Saved/);
    expect(test.text()).toMatch(/Ward TEST[\s\S]*Attempts=5/);
  });

  it('shows what does not go together, and saves it only as a whole', async () => {
    const test = await configScreen();
    goTo(test, 'FirstDelaySeconds');
    test.type('\r');
    await test.until(/first wait/);
    test.type('\x151000');
    expect(test.screen()).toMatch(/! Lockout\.FirstDelaySeconds: the first delay/);
    test.type('\r');
    await test.until(/1 change not saved/);
    test.type('s');
    await test.until(/Not done[\s\S]*longer than the longest/);
    test.type('\r');
    goTo(test, 'LongestDelaySeconds');
    test.type('\r');
    await test.until(/no longer than this/);
    test.type('\x152000\r');
    await test.until(/2 changes not saved/);
    test.type('s');
    await test.until(/now "/);
    test.type('y');
    await test.until(/Saved/);
    expect(test.text()).toMatch(/FirstDelaySeconds=1000[\s\S]*LongestDelaySeconds=2000/);
  });

  it('asks before unsaved changes are left, and can undo them', async () => {
    const test = await configScreen();
    goTo(test, 'Argon2Passes');
    test.type('d');
    await test.until(/1 change not saved/);
    test.type('\t');
    await test.until(/is not saved/);
    test.type('\r');
    await test.until(/Gatehouse . Config[\s\S]*1 change not saved/);
    test.type('u');
    expect(test.screen()).not.toMatch(/not saved/);
    test.type('\t');
    await test.until(/Gatehouse . (Audit|Overview)/);
  });

  it('is read-only for an auditor, who never sees the password of an address', async () => {
    const settings = '2FA=Auto:Ward LIVE\n[Store]\nUrl=postgres://gate:hunter2@db/x\n';
    const test = await configScreen({ settings }, 'audit');
    expect(test.screen()).toMatch(/only an administrator may change it/);
    expect(test.screen()).not.toMatch(/Enter Change/);
    test.type('\r');
    expect(test.screen()).toMatch(/\[Login\]/);
    goTo(test, 'Url');
    expect(test.screen()).toMatch(/gate:\*\*\*@db/);
    expect(test.screen()).not.toContain('hunter2');
  });

  it('follows a file that is changed meanwhile, and says when it is not in order', async () => {
    const test = await configScreen();
    writeFileSync(test.file, test.text().replace('Ward LIVE', 'Other LIVE'));
    await test.console.tick();
    await test.until(/Auto:Other LIVE/);
    writeFileSync(test.file, '2FA=Of\n');
    await test.console.tick();
    await test.until(/line 1: 2FA: there is no provider "Of"/);
  });

  it('fits 60x16 in 7 bits', async () => {
    const environment = { LANG: 'C', TERM: 'vt220' };
    const test = await configScreen({ environment, size: { columns: 60, rows: 16 } });
    goTo(test, 'QrSeconds');
    expect(test.screen()).toMatch(/^[\x20-\x7e\n]*$/);
    expect(
      Math.max(
        ...test
          .screen()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(60);
  });
});
