import { describe, expect, test, vi } from 'vitest';
import type { Config } from '../../../src/core/config/model.ts';
import type { Pair } from '../../../src/core/login/message.ts';
import { pairScreen } from '../../../src/gate/line/pair-screen.ts';
import { plainText } from '../../../src/gate/line/plain-text.ts';
import { terminalCapabilities } from '../../../src/terminal/capabilities.ts';

const KEY = 'ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567';
const PAIR: Pair = {
  type: 'pair',
  label: 'Ward LIVE',
  user: 'bob',
  uri: `otpauth://totp/Ward%20LIVE:bob?secret=${KEY.replaceAll(' ', '')}&issuer=Ward%20LIVE`,
  key: KEY,
  expiresInSeconds: 900,
};
const SETTINGS: Config['terminal'] = { qr: 'auto', colour: 'auto', qrSeconds: 120 };

function screenOn(TERM: string, size = { columns: 80, rows: 24 }, LANG = 'C.UTF-8') {
  const written: string[] = [];
  const capabilities = () =>
    terminalCapabilities({ env: { TERM, LANG }, output: { isTTY: true, ...size }, colour: 'auto' });
  const screen = pairScreen({
    write: (text) => written.push(text),
    capabilities,
    plain: plainText(capabilities()),
    settings: SETTINGS,
    redrawQuestion: () => written.push('Code: '),
  });
  return { screen, take: () => written.splice(0).join('') };
}

describe('the QR code and the key on a plain terminal', () => {
  test('are drawn on the alternate screen, and wiped before it is left', async () => {
    const { screen, take } = screenOn('xterm');
    await screen.open(PAIR, []);
    const drawn = take();
    expect(drawn).toMatch(/^\x1b\[\?1049h/);
    expect(drawn).toContain('▀');
    screen.close();
    const left = take();
    expect(left).toMatch(/\x1b\[1;1H\x1b\[2K.*\x1b\[24;1H\x1b\[2K.*\x1b\[\?1049l$/s);
    expect(screen.isOpen()).toBe(false);
  });

  test.each([
    ['xterm', { columns: 80, rows: 24 }],
    ['xterm', { columns: 60, rows: 16 }],
    ['xterm', { columns: 20, rows: 4 }],
    ['vt100', { columns: 80, rows: 24 }],
    ['linux', { columns: 132, rows: 43 }],
  ])('never take more rows than a %s of %o has, question included, and always hold the key', async (term, size) => {
    const { screen, take } = screenOn(term, size);
    await screen.open(PAIR, ['That code is not right.']);
    const drawn = take();
    expect(drawn.split('\n').length).toBeLessThanOrEqual(size.rows);
    expect(drawn.replaceAll(/\s+/g, ' ')).toContain('ABCD EFGH');
    expect(drawn.replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, '').replaceAll(/[^A-Z2-7]/g, '')).toMatch(/YZ234567|UVWX/);
  });

  test('are hidden after QrSeconds, with the question as it was', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { screen, take } = screenOn('xterm');
      await screen.open(PAIR, []);
      take();
      vi.advanceTimersByTime(SETTINGS.qrSeconds * 1000 - 1);
      expect(take()).toBe('');
      vi.advanceTimersByTime(1);
      const blanked = take();
      expect(blanked).toContain('\x1b[24;1H\x1b[2K');
      expect(blanked).toMatch(/hidden.*\nCode: $/s);
      expect(blanked).not.toContain('ABCD');
      screen.redraw();
      expect(take()).not.toContain('ABCD');
    } finally {
      vi.useRealTimers();
    }
  });

  test('of TERM=dumb are the key alone, without a control sequence', async () => {
    const { screen, take } = screenOn('dumb');
    await screen.open(PAIR, ['Beneath.']);
    const drawn = take();
    expect(drawn).toContain(KEY);
    expect(drawn).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen.isOpen()).toBe(false);
  });

  test('names of users and systems steer no terminal', async () => {
    for (const term of ['dumb', 'xterm']) {
      const { screen, take } = screenOn(term);
      await screen.open({ ...PAIR, user: 'b\x1b]52;c;aGk=\x07ob', label: 'W\u202eard' }, []);
      expect(take()).not.toMatch(/\x1b\]52|\u202e/);
    }
  });
});
