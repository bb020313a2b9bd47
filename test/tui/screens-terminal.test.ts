/** Set-up wizard, Overview, Config and Audit in a real terminal, as the product shows them. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { CONSOLE_PASSWORD, consoleFacility, manyPeople } from '../support/console-facility.ts';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openPty, type PtyOptions, type PtyScreen } from '../support/pty-screen.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-screens-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function signedIn(options: PtyOptions = {}): Promise<PtyScreen & { readonly folder: string }> {
  const folder = emptyFolder();
  await (await consoleFacility({ folder, people: manyPeople(60) })).close();
  const screen = openPty(GATEHOUSE, ['--config', join(folder, 'config.ini')], options);
  await screen.until(/User name/);
  screen.type('ada\r');
  await screen.until(/Password/);
  screen.type(`${CONSOLE_PASSWORD}\r`);
  await screen.until(/Two-factor roll-out[\s\S]*only administrator/);
  return { ...screen, folder };
}

async function goTo(screen: PtyScreen, title: string): Promise<void> {
  for (let screens = 0; !screen.text().startsWith(` Gatehouse · ${title}`); screens += 1) {
    if (screens > 6) throw new Error(`no ${title}:\n${screen.text()}`);
    const before = screen.text().split('\n')[0] ?? '';
    screen.type('\t');
    await screen.until((text) => !text.startsWith(before));
  }
}

describe('a first start', () => {
  it('makes a facility, signs in, pairs the own phone and shows the Overview; nothing typed is ever echoed', async () => {
    const folder = emptyFolder();
    const screen = openPty(GATEHOUSE, [], { folder, environment: { GATEHOUSE_CONFIG: '' } });
    await screen.until(/how codes get to people/);
    screen.type('\r');
    await screen.until(/the label ─/);
    screen.type('Codectomy St Elsewhere LIVE');
    await screen.until(/Codectomy St Elsewhere LIVE: alice/);
    screen.type('\r');
    await screen.until(/User name/);
    screen.type('ada\tseveral good words\tseveral good words\r');
    await screen.until(/Sign in to the console[\s\S]*ada[\s\S]*› Password/);
    screen.type('several good words\r');
    const pairing = await screen.until(/Then type the code that it shows/);
    const secret = [...pairing.matchAll(/((?:[A-Z2-7]{4} ){3}[A-Z2-7]{4})/g)].map(([, key = '']) => key).join('');
    expect(secret.replaceAll(' ', '')).toHaveLength(32);
    screen.type(`${phoneCode(secret.replaceAll(' ', ''))}\r`);
    await screen.until(/recovery/i);
    for (let answers = 0; !/Two-factor roll-out/.test(screen.text()) && answers < 5; answers += 1) {
      const before = screen.text();
      screen.type('\r');
      await screen.until((text) => text !== before);
    }
    await screen.until(/1 of 1 user paired/);
    screen.type('q');
    expect(await screen.exited).toBe(0);
    expect(screen.bytes()).not.toContain('several good words');
    expect(readFileSync(join(folder, 'config.ini'), 'utf8')).toContain('2FA=Auto:Codectomy St Elsewhere LIVE');
  });

  it('leaves nothing behind where it was given up', async () => {
    const folder = emptyFolder();
    const screen = openPty(GATEHOUSE, [], { folder });
    await screen.until(/how codes get to people/);
    screen.type('\x1b');
    expect(await screen.exited).toBe(130);
    expect(screen.terminal.buffer.active.type).toBe('normal');
    expect(() => readFileSync(join(folder, 'config.ini'))).toThrow();
  });
});

describe('the screens in a terminal', () => {
  it('keeps every key of a search that is typed as fast as it goes, by ink-text-input', async () => {
    const screen = await signedIn();
    await goTo(screen, 'Audit');
    await screen.until(/newest first/);
    // In one piece, key by key, and pasted.
    for (let round = 0; round < 20; round += 1) {
      screen.type('/console.signed');
      await screen.until(/\/console\.signed {10}/);
      screen.type('\x1b');
      await screen.until(/newest first/);
      for (const key of '/console.signed') screen.type(key);
      await screen.until(/\/console\.signed {10}/);
      screen.type('\x7f\x7f\x1b[200~ed-in\x1b[201~');
      await screen.until(/\/console\.signed-in {10}/);
      screen.type('\r\x1b');
      await screen.until(/newest first/);
    }
  });

  it('changes a setting, and the file keeps the rest', async () => {
    const screen = await signedIn();
    const file = join(screen.folder, 'config.ini');
    const before = readFileSync(file, 'utf8');
    await goTo(screen, 'Config');
    screen.type('\r');
    await screen.until(/The app on the phone will show/);
    screen.type('\t 2\r');
    await screen.until(/1 change not saved/);
    screen.type('s');
    await screen.until(/now /);
    screen.type('y');
    await screen.until(/Saved[\s\S]*/);
    expect(readFileSync(file, 'utf8')).toBe(before.replace('LIVE', 'LIVE 2'));
    await screen.until(/Gatehouse · Config +Codectomy St Elsewhere LIVE 2 \(Auto\)/);
  });

  it('has 7 bits and no colour where the terminal has no more', async () => {
    const screen = await signedIn({ environment: { LANG: 'C', TERM: 'vt220' } });
    const colour = /\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7]|4[0-7])(?:;\d+)*m/;
    for (const title of ['Audit', 'Config', 'Overview']) {
      for (let tabs = 0; !screen.text().startsWith(` Gatehouse | ${title}`) && tabs < 6; tabs += 1) {
        const before = screen.text().split('\n')[0] ?? '';
        screen.type('\t');
        await screen.until((text) => !text.startsWith(before));
      }
      expect(screen.text()).toMatch(/^[\x20-\x7e\n]*$/);
    }
    expect(screen.bytes()).not.toMatch(colour);
  });
});
