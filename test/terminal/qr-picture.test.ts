/**
 * What the terminal shows is what was encoded: each picture goes through a terminal emulator's cells and pixels into two
 * decoders that share nothing with the encoder, on dark and light themes.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { keyUri, typedKey } from '../../src/core/key-uri.ts';
import { type TerminalEnvironment, terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { qrCodes } from '../../src/terminal/qr-matrix.ts';
import type { QrPolarity } from '../../src/terminal/qr-picture.ts';
import { layOutQr, pairingWords, type QrScreen } from '../../src/terminal/qr-screen.ts';
import type { QrSetting, Size } from '../../src/terminal/qr-style.ts';
import { decodeByAll, readAs } from '../support/qr-decoders.ts';
import {
  type PictureOptions,
  screenText,
  THEMES,
  type Theme,
  terminalPixels,
  terminalShowing,
} from '../support/terminal-picture.ts';

const secret = Uint8Array.from({ length: 20 }, (_, index) => (index * 151 + 7) % 256);
const key = typedKey(secret);
const window = { TERM: 'xterm-256color', LANG: 'C.UTF-8' };

/** Labels as facilities have them, from the shortest to the longest that config.ini takes. */
const LABELS = [
  'QGH',
  'St Elsewhere',
  'Codectomy St Elsewhere LIVE',
  'Royal Codectomy Hospital, North: ACCEPTANCE'.replace(':', ''),
  'Mater Misericordiae Codectomy and Day Surgery Centre East – LIVE'.slice(0, 64),
];

/** A whole number, so that the cells' edges are sharp; small, for jsQR loses its way in large pictures. */
const COLUMN_PIXELS = 6;

const counted = { pictures: 0, decoded: 0, tooSmall: 0 };

afterAll(() => {
  process.stdout.write(
    `QR codes in terminals: ${counted.pictures} pictures, ${counted.decoded} decoded to the exact URI by two decoders, ` +
      `${counted.tooSmall} windows too small and given the typed key\n`,
  );
});

type Shown = {
  readonly label: string;
  readonly size: Size;
  readonly env?: TerminalEnvironment;
  readonly setting?: QrSetting;
  readonly polarity?: QrPolarity;
};

async function show({ label, size, env = window, setting = 'auto', polarity = 'light-on-dark' }: Shown) {
  const uri = keyUri({ label, user: 'alice', secret });
  const screen = layOutQr({
    codes: await qrCodes(uri),
    setting,
    polarity,
    capabilities: terminalCapabilities({ env, output: { isTTY: true, ...size }, colour: 'auto' }),
    // A title above, a status line below.
    room: { columns: size.columns, rows: size.rows - 2 },
    words: pairingWords({ label, user: 'alice', key }),
  });
  const lines = [label, ...screen.lines, 'Enter goes on, Esc leaves'];
  return { uri, screen, terminal: await terminalShowing(lines.join('\n'), size) };
}

async function expectDecoded(shown: Shown, themes: readonly Theme[], more: PictureOptions = {}): Promise<QrScreen> {
  const { uri, screen, terminal } = await show(shown);
  expect(screen.style.kind).toBe('picture');
  for (const theme of themes) {
    counted.pictures += 1;
    expect(await decodeByAll(terminalPixels(terminal, { ...more, theme, columnPixels: COLUMN_PIXELS }))).toEqual(
      readAs(uri),
    );
    counted.decoded += 1;
  }
  terminal.dispose();
  return screen;
}

const both = [THEMES.dark, THEMES.light];

describe('a QR code on the screen', () => {
  for (const [columns, rows] of [
    [80, 24],
    [100, 30],
    [140, 50],
  ] as const) {
    it(`decodes at ${columns}x${rows} for labels of 3 to 64 characters, or gives way to the typed key`, async () => {
      for (const label of LABELS) {
        const { screen, terminal } = await show({ label, size: { columns, rows } });
        const text = screenText(terminal);
        const groups = key.split(' ');
        expect(groups.filter((group) => !text.join('\n').includes(group))).toEqual([]);
        if (screen.style.kind === 'picture') {
          await expectDecoded({ label, size: { columns, rows } }, both);
        } else {
          counted.tooSmall += 1;
          expect(text.join(' ')).toContain('The window is too small for the QR code');
        }
      }
    });
  }

  it('fits 80x24 with a label of 27 characters, and 140x50 with any', async () => {
    const small = await Promise.all(LABELS.map((label) => show({ label, size: { columns: 80, rows: 24 } })));
    expect(small.map(({ screen }) => screen.style.kind)).toEqual(['picture', 'picture', 'picture', 'key', 'key']);
    const large = await Promise.all(LABELS.map((label) => show({ label, size: { columns: 140, rows: 50 } })));
    expect(new Set(large.map(({ screen }) => screen.style.kind))).toEqual(new Set(['picture']));
  });

  it('decodes as a camera sees it, also where a font leaves gaps between lines that are spaced wider', async () => {
    for (const label of LABELS.slice(0, 3)) {
      const size = { columns: 80, rows: 24 };
      for (const lineSpacing of [1, 1.1, 1.25]) {
        await expectDecoded({ label, size }, both, { lineSpacing, blur: 2 });
      }
    }
  });

  it('decodes on themes whose white is beige or whose black is blue', async () => {
    await expectDecoded({ label: 'QGH', size: { columns: 80, rows: 24 } }, [THEMES.solarized]);
    const env = { ...window, TERM: 'linux' };
    await expectDecoded({ label: 'QGH', size: { columns: 80, rows: 25 }, env }, [THEMES.console, THEMES.solarized]);
  });

  it('decodes as background cells, without Unicode, in a window that is large enough', async () => {
    const size = { columns: 140, rows: 60 };
    const env = { TERM: 'linux', LANG: 'C' };
    const { style } = await expectDecoded({ label: LABELS[2] ?? '', size, env }, [THEMES.console, THEMES.dark]);
    expect(style).toMatchObject({ cells: 'two-columns', paint: 'colours-16' });
    await expectDecoded({ label: LABELS[2] ?? '', size, setting: 'ansi' }, both);
  });

  it('without colours decodes in the polarity of the screen, and in no other', async () => {
    const size = { columns: 80, rows: 24 };
    for (const env of [
      { ...window, NO_COLOR: '1' },
      { ...window, TERM: 'vt220' },
    ]) {
      await expectDecoded({ label: 'QGH', size, env, polarity: 'light-on-dark' }, [THEMES.dark]);
      await expectDecoded({ label: 'QGH', size, env, polarity: 'dark-on-light' }, [THEMES.light]);
      const { uri, terminal } = await show({ label: 'QGH', size, env, polarity: 'light-on-dark' });
      expect(
        await decodeByAll(terminalPixels(terminal, { theme: THEMES.light, columnPixels: COLUMN_PIXELS })),
      ).not.toEqual(readAs(uri));
    }
    const env = { TERM: 'vt100', LANG: 'C' };
    await expectDecoded({ label: 'QGH', size: { columns: 132, rows: 60 }, env }, [THEMES.dark]);
  });

  it('sends SGR and no other control sequence, and leaves no attribute on', async () => {
    for (const [env, setting] of [
      [window, 'auto'],
      [{ ...window, TERM: 'linux' }, 'ansi'],
      [{ ...window, TERM: 'vt220' }, 'auto'],
    ] as const) {
      const { screen } = await show({ label: 'QGH', size: { columns: 140, rows: 60 }, env, setting });
      for (const line of screen.lines) {
        expect(line.replace(/\u001b\[[0-9;]*m/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(line.lastIndexOf('\u001b[0m')).toBe(line.lastIndexOf('\u001b['));
      }
    }
  });

  it('does not decode as anything once a finder pattern is blanked', async () => {
    const { uri, screen } = await show({ label: 'QGH', size: { columns: 80, rows: 24 } });
    const cut = screen.lines.map((line, row) => (row < 6 ? '' : line));
    const terminal = await terminalShowing(cut.join('\n'), { columns: 80, rows: 24 });
    expect(await decodeByAll(terminalPixels(terminal, { columnPixels: COLUMN_PIXELS }))).not.toEqual(readAs(uri));
  });
});
