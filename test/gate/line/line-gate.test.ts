import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { phoneCode } from '../../support/authenticator.ts';
import { openPty } from '../../support/pty-screen.ts';
import { GATEHOUSE, LABEL, PASSWORD, standingFacility } from '../../support/standing-facility.ts';

const facility = standingFacility();

function gate(environment: Readonly<Record<string, string>>, size: { columns?: number; rows?: number } = {}) {
  return openPty(GATEHOUSE, ['--config', facility.config, 'login', '--front-end', 'line'], { environment, ...size });
}

type Screen = ReturnType<typeof gate>;

async function comeToPairing(screen: Screen): Promise<void> {
  await screen.until(/User name:$/);
  screen.type('bob\r');
  await screen.until(/Password:$/);
  screen.type(`${PASSWORD}\r`);
  await screen.until(/Code:$/);
}

/** Everything that can still be scrolled to or seen. */
function everythingLeft(screen: Screen): string {
  const { normal } = screen.terminal.buffer;
  return Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString(true) ?? '').join(
    '\n',
  );
}

describe('pairing on a terminal with plain prompts', () => {
  test.each(['xterm-256color', 'vt100', 'linux'])(
    '%s: QR code and key are seen, and gone when it is over',
    async (TERM) => {
      const screen = gate({ TERM });
      await comeToPairing(screen);
      const key = /(?:[A-Z2-7]{4} ){4}[A-Z2-7]{4}/.exec(screen.text())?.[0] ?? 'no key';
      expect(screen.text()).toMatch(/[▀▄]/);
      expect(screen.text()).toContain(LABEL);
      screen.type('000000\r');
      await screen.until(/That code is not right.*Code:$/s);
      screen.type('\x1b');
      expect(await screen.exited).toBe(130);
      await screen.until((text) => !text.includes('Code:'));
      expect(everythingLeft(screen)).not.toContain(key);
      expect(everythingLeft(screen)).not.toMatch(/[▀▄]/);
    },
  );

  test('a window that grows smaller or larger is drawn again, what was typed included', async () => {
    const screen = gate({ TERM: 'xterm' });
    await comeToPairing(screen);
    screen.type('12');
    await screen.until(/Code: 12$/);
    screen.resize(60, 16);
    await screen.until((text) => /Code: 12$/.test(text) && !/[▀▄]/.test(text));
    screen.resize(120, 40);
    await screen.until((text) => /Code: 12$/.test(text) && /[▀▄]/.test(text));
    screen.type('\x03');
    expect(await screen.exited).toBe(130);
  });

  test('7-bit terminals get 7-bit text', async () => {
    const screen = gate({ TERM: 'vt100', LANG: 'C' });
    await screen.until(/User name:$/);
    screen.type('é\r');
    await screen.until(/User name: <U\+00E9>/);
    screen.type('\x03');
    await screen.exited;
    expect(screen.bytes()).toMatch(/^[\0-\x7f]*$/);
  });

  test('a screen that a killed program left on the alternate one is back on its own', async () => {
    const script = `printf '\\033[?1049h\\033[31m'; exec ${GATEHOUSE} --config ${facility.config} login --front-end line`;
    const screen = openPty('/bin/sh', ['-c', script], { folder: join(facility.folder) });
    await screen.until(/User name:$/);
    expect(screen.terminal.buffer.active.type).toBe('normal');
    screen.type('\x03');
    expect(await screen.exited).toBe(130);
  });
});

describe('from the first log-on to the second', () => {
  test('the key pairs a phone, its next code logs on, and the same code again does not', async () => {
    const first = gate({ TERM: 'dumb' });
    await comeToPairing(first);
    const [, key = ''] = /Key: +([A-Z2-7 ]+)$/m.exec(first.text()) ?? [];
    const secret = key.replaceAll(' ', '');
    const at = Date.now();
    // The present step pairs, the next one logs on: both are in the window, and no clock has to be waited for.
    first.type(`${phoneCode(secret, 0, at)}\r`);
    await first.until(/Your phone is paired\..+\[show\/skip\]:$/s);
    first.type('sk\r');
    expect(await first.exited).toBe(0);

    const code = phoneCode(secret, 1, at);
    const second = gate({ TERM: 'dumb' });
    await comeToPairing(second);
    second.type(`${code.slice(0, 3)} ${code.slice(3)}\r`);
    expect(await second.exited).toBe(0);
    const third = gate({ TERM: 'dumb' });
    await comeToPairing(third);
    third.type(`${code}\r`);
    await third.until(/used already/);
    third.type('\x03');
    expect(await third.exited).toBe(130);
  });
});
