import { describe, expect, it } from 'vitest';
import { type TerminalEnvironment, terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { chooseQrStyle, type QrSetting } from '../../src/terminal/qr-style.ts';

/** The modules of the FAQ's own label, Codectomy St Elsewhere LIVE. */
const modules = { M: 49, L: 41 };

function styleFor(given: {
  readonly env: TerminalEnvironment;
  readonly setting?: QrSetting;
  readonly room?: { readonly columns: number; readonly rows: number };
  readonly colour?: 'never';
}) {
  const output = { isTTY: true, columns: 200, rows: 80 };
  return chooseQrStyle({
    setting: given.setting ?? 'auto',
    capabilities: terminalCapabilities({ env: given.env, output, colour: given.colour ?? 'auto' }),
    modules,
    room: given.room ?? { columns: 200, rows: 80 },
  });
}

const window = { TERM: 'xterm-256color', LANG: 'C.UTF-8' };

describe('chooseQrStyle', () => {
  it.each([
    ['a window with Unicode', window, { cells: 'half-blocks', paint: 'colours-256' }],
    ['a Linux console with Unicode', { ...window, TERM: 'linux' }, { cells: 'half-blocks', paint: 'colours-16' }],
    ['a window without Unicode', { TERM: 'xterm' }, { cells: 'two-columns', paint: 'colours-256' }],
    ['NO_COLOR', { ...window, NO_COLOR: '1' }, { cells: 'half-blocks', paint: 'reverse' }],
    ['a vt220 with Unicode', { ...window, TERM: 'vt220' }, { cells: 'half-blocks', paint: 'reverse' }],
    ['a vt100 with 7 bits', { TERM: 'vt100', LANG: 'C' }, { cells: 'two-columns', paint: 'reverse' }],
  ] as const)('%s', (_, env, expected) => {
    expect(styleFor({ env })).toMatchObject({ kind: 'picture', ...expected });
  });

  it('draws nothing on dumb terminals and for screen readers, even when told to', () => {
    for (const setting of ['auto', 'blocks', 'ansi'] as const) {
      expect(styleFor({ env: { ...window, TERM: 'dumb' }, setting })).toEqual({ kind: 'key', why: 'terminal' });
      expect(styleFor({ env: { ...window, INK_SCREEN_READER: '1' }, setting })).toEqual({
        kind: 'key',
        why: 'terminal',
      });
    }
  });

  it('obeys the setting where the terminal can', () => {
    expect(styleFor({ env: { TERM: 'xterm', LANG: 'C' }, setting: 'blocks' })).toMatchObject({ cells: 'half-blocks' });
    expect(styleFor({ env: window, setting: 'ansi' })).toMatchObject({ cells: 'two-columns', paint: 'colours-256' });
    expect(styleFor({ env: window, setting: 'ansi', colour: 'never' })).toMatchObject({
      cells: 'two-columns',
      paint: 'reverse',
    });
    expect(styleFor({ env: window, setting: 'key' })).toEqual({ kind: 'key', why: 'setting' });
  });

  it.each([
    [53, 27, { level: 'M', quietZone: 2, columns: 53, rows: 27 }],
    [53, 26, { level: 'L', quietZone: 2, columns: 45, rows: 23 }],
    [52, 27, { level: 'L', quietZone: 2, columns: 45, rows: 23 }],
    [45, 23, { level: 'L', quietZone: 2, columns: 45, rows: 23 }],
    // What a title and a status line leave of 80x24.
    [80, 22, { level: 'L', quietZone: 1, columns: 43, rows: 22 }],
    [44, 23, { level: 'L', quietZone: 1, columns: 43, rows: 22 }],
    [43, 22, { level: 'L', quietZone: 1, columns: 43, rows: 22 }],
  ] as const)('in %i x %i: better correction, then a narrower quiet zone', (columns, rows, expected) => {
    expect(styleFor({ env: window, room: { columns, rows } })).toMatchObject({ kind: 'picture', ...expected });
  });

  it.each([
    [42, 22],
    [43, 21],
    [0, 0],
    [-5, -3],
  ])('in %i x %i: the typed key, and what would be needed', (columns, rows) => {
    const expected = { kind: 'key', why: 'window', needs: { columns: 43, rows: 22 } };
    expect(styleFor({ env: window, room: { columns, rows } })).toEqual(expected);
  });

  it('needs two columns and a row a module without Unicode', () => {
    const env = { TERM: 'xterm', LANG: 'C' };
    expect(styleFor({ env, room: { columns: 86, rows: 43 } })).toMatchObject({ columns: 86, rows: 43, quietZone: 1 });
    expect(styleFor({ env, room: { columns: 85, rows: 43 } })).toMatchObject({
      why: 'window',
      needs: { columns: 86, rows: 43 },
    });
  });
});
