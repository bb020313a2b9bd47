/** A nurse's first day and the days after, through `bin/gatehouse` on a real pty: everything she needs comes off her screen. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { phoneCode, roomInStep } from '../../support/authenticator.ts';
import { facilityShell, type Shell } from '../../support/gatehouse-process.ts';
import { openPty, type PtyScreen } from '../../support/pty-screen.ts';
import { decodeByAll } from '../../support/qr-decoders.ts';
import { terminalPixels } from '../../support/terminal-picture.ts';

const PASSWORD = 'a password of hers';

async function ward(): Promise<{ readonly shell: Shell; readonly program: string }> {
  const shell = await facilityShell('auto');
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  await shell.json(['2fa', 'require', 'alice']);
  // What the gate becomes: it says who is in and what it finds to read.
  const program = join(shell.folder, 'ward-program');
  writeFileSync(
    program,
    '#!/bin/sh\necho "IN $GATEHOUSE_USER by $GATEHOUSE_METHOD"\nread -r line\necho "READ <$line>"\n',
  );
  chmodSync(program, 0o755);
  return { shell, program };
}

function logOn({ shell, program }: Awaited<ReturnType<typeof ward>>, columns: number, rows: number): PtyScreen {
  return openPty(resolve('bin/gatehouse'), ['login', '--', program], { folder: shell.folder, columns, rows });
}

async function nameAndPassword(pty: PtyScreen): Promise<void> {
  await pty.until(/› User name/);
  pty.type('alice\r');
  await pty.until(/› Password/);
  pty.type(`${PASSWORD}\r`);
}

it.each([
  [80, 24],
  [140, 40],
])('pairs at %i x %i, comes in by code, by recovery code, and not by a code twice', async (columns, rows) => {
  const at = await ward();

  const first = logOn(at, columns, rows);
  await nameAndPassword(first);
  const screen = await first.until(/Pair your phone[\s\S]*F6 Hide QR code/);
  const scanned = Object.values(await decodeByAll(terminalPixels(first.terminal)));
  const [uri = ''] = scanned;
  expect(new Set(scanned).size).toBe(1);
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const typedKey = [...screen.matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' ');
  expect(typedKey.replaceAll(' ', '')).toBe(secret);

  await roomInStep(10);
  const usedCode = phoneCode(secret);
  first.type(`${usedCode}\r`);
  await first.until(/› {2}1 Show recovery codes/);
  first.type('1');
  const codes = (await first.until(/I have written them down/)).match(/[0-9A-Z]{5}-[0-9A-Z]{5}/g) ?? [];
  expect(codes).toHaveLength(10);
  first.type('\rtyped ahead');
  await first.until(/IN alice by password\+totp/);
  first.type('hello\r');
  await first.until(/READ </);
  expect(first.text()).toMatch(/READ <hello>/);
  expect(await first.exited).toBe(0);
  expect(first.bytes()).not.toContain(PASSWORD);

  const again = logOn(at, columns, rows);
  await nameAndPassword(again);
  await again.until(/› Code/);
  again.type(`${usedCode}\r`);
  await again.until(/! That code was used already/);
  again.type(`${phoneCode(secret, 1)}\r`);
  await again.until(/IN alice by password\+totp/);
  again.type('\r');
  expect(await again.exited).toBe(0);

  const withoutPhone = logOn(at, columns, rows);
  await nameAndPassword(withoutPhone);
  await withoutPhone.until(/› Code/);
  withoutPhone.type(`${codes[3]}\r`);
  await withoutPhone.until(/! You used a recovery code\. You have 9 left\.[\s\S]*Press Enter/);
  withoutPhone.type('\r');
  await withoutPhone.until(/IN alice by password\+recovery/);
  withoutPhone.type('\r');
  expect(await withoutPhone.exited).toBe(0);
});

it('lets nobody in by Esc, and says why where only an administrator can help', async () => {
  const at = await ward();
  const given = logOn(at, 80, 24);
  await given.until(/› User name/);
  given.type('\x1b');
  expect(await given.exited).toBe(130);

  await at.shell.run(['config', 'set', '2FA', 'Central:St Elsewhere LIVE']);
  const asked = logOn(at, 80, 24);
  await nameAndPassword(asked);
  await asked.until(/! Ask your administrator for your QR code[\s\S]*Press Enter/);
  asked.type('\r');
  expect(await asked.exited).toBe(77);
  expect(asked.text()).toMatch(/Ask your administrator for your QR code/);
  expect(asked.bytes()).not.toContain('IN alice');
});
