import { beforeAll, describe, expect, it } from 'vitest';
import { keyUri, typedKey } from '../../src/core/key-uri.ts';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { type QrCodes, qrCodes } from '../../src/terminal/qr-matrix.ts';
import { layOutQr, pairingWords } from '../../src/terminal/qr-screen.ts';
import { mostColumns } from '../../src/terminal/wrap-text.ts';
import { screenText, terminalShowing } from '../support/terminal-picture.ts';

const secret = Uint8Array.from({ length: 20 }, (_, index) => index * 13);
const label = 'Codectomy St Elsewhere LIVE';
const key = typedKey(secret);
const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8' };
let codes: QrCodes;

beforeAll(async () => {
  codes = await qrCodes(keyUri({ label, user: 'alice', secret }));
});

function screenAt(columns: number, rows: number, more: { TERM?: string; user?: string; setting?: 'key' } = {}) {
  return layOutQr({
    codes,
    setting: more.setting ?? 'auto',
    capabilities: terminalCapabilities({
      env: { ...env, TERM: more.TERM ?? env.TERM },
      output: { isTTY: true, columns, rows },
      colour: 'auto',
    }),
    room: { columns, rows },
    words: pairingWords({ label, user: more.user ?? 'alice', key }),
  });
}

describe('layOutQr', () => {
  it('puts the typed key beside the picture at 80x22', () => {
    const { lines, style } = screenAt(80, 22);
    expect(style).toMatchObject({ kind: 'picture', columns: 43, rows: 22 });
    expect(lines).toHaveLength(22);
    expect(lines.some((line) => line.endsWith(`  ${key.slice(0, 19)}`))).toBe(true);
    expect(lines.some((line) => line.endsWith(`  ${key.slice(20)}`))).toBe(true);
  });

  it('puts the words below where the window is narrow and high', () => {
    const { lines, style } = screenAt(60, 40);
    expect(style).toMatchObject({ kind: 'picture', columns: 53, rows: 27 });
    expect(lines.slice(28)).toContain(key);
  });

  it('says how much is missing, with the typed key, where no picture fits', () => {
    const { lines, style, polarities } = screenAt(80, 20);
    expect(style.kind).toBe('key');
    expect(polarities).toEqual([]);
    expect(lines).toContain(key);
    expect(lines.at(-1)).toBe('The window is too small for the QR code: it needs 2 rows more.');
    expect(screenAt(68, 22).lines.at(-1)).toBe('The window is too small for the QR code: it needs 1 column more.');
  });

  it('says nothing about a picture that nobody wants, and a sentence where the terminal cannot', () => {
    expect(screenAt(80, 22, { setting: 'key' }).lines.at(-1)).toBe(`System: ${label}`);
    expect(screenAt(80, 22, { TERM: 'dumb' }).lines.at(-1)).toBe('This terminal cannot show a QR code.');
  });

  it('offers both polarities only where black and white cannot be set', () => {
    expect(screenAt(100, 40).polarities).toEqual(['light-on-dark']);
    expect(screenAt(100, 40, { TERM: 'vt220' }).polarities).toEqual(['light-on-dark', 'dark-on-light']);
  });

  it('stays within every room from 1x1 to 140x60, and always shows the whole key', async () => {
    let pictures = 0;
    for (let columns = 1; columns <= 140; columns += 7) {
      for (let rows = 1; rows <= 60; rows += 3) {
        const { lines, style } = screenAt(columns, rows);
        if (style.kind === 'picture') pictures += 1;
        for (const line of lines) {
          expect(mostColumns(withoutSgr(line))).toBeLessThanOrEqual(Math.max(widest(line, columns), 4));
        }
        const text = lines.map(withoutSgr).join(' ').replace(/[▀▄ ]/g, '');
        expect(text).toContain(key.replaceAll(' ', '').slice(0, 4));
        expect(key.split(' ').filter((group) => !text.includes(group))).toEqual([]);
        if (style.kind === 'picture') expect(lines.length).toBeLessThanOrEqual(rows);
      }
    }
    expect(pictures).toBeGreaterThan(50);
  });

  it('draws names inert', async () => {
    const { lines } = screenAt(100, 40, { user: '\u001b]52;c;eA==\u0007\u202eecila\u009b31m' });
    expect(lines.map(withoutSgr).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    const terminal = await terminalShowing(lines.join('\n'), { columns: 100, rows: 40 });
    expect(screenText(terminal).join('')).toContain('<U+001B>]52;c;eA==<U+0007>');
  });
});

function withoutSgr(line: string): string {
  return line.replace(/\u001b\[[0-9;]*m/g, '');
}

/** Half blocks count two in `mostColumns`, and are one. */
function widest(line: string, columns: number): number {
  return columns + (line.match(/[▀▄]/g) ?? []).length;
}
