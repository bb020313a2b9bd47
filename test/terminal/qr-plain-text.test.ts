import { describe, expect, it } from 'vitest';
import { keyUri } from '../../src/core/key-uri.ts';
import { qrPlainText } from '../../src/terminal/qr-plain-text.ts';
import { decodeByAll, readAs } from '../support/qr-decoders.ts';
import { THEMES, terminalPixels, terminalShowing } from '../support/terminal-picture.ts';

const secret = Uint8Array.from({ length: 20 }, (_, index) => 255 - index * 9);

describe('qrPlainText', () => {
  it.each([
    ['light-on-dark', THEMES.dark],
    ['dark-on-light', THEMES.light],
  ] as const)('decodes as plain text, %s', async (polarity, theme) => {
    for (const label of ['QGH', 'Codectomy St Elsewhere LIVE', 'x'.repeat(64)]) {
      const uri = keyUri({ label, user: 'alice', secret });
      const terminal = await terminalShowing(await qrPlainText(uri, polarity), { columns: 90, rows: 40 });
      expect(await decodeByAll(terminalPixels(terminal, { theme, columnPixels: 6 }))).toEqual(readAs(uri));
    }
  });

  it('holds blocks, spaces and line ends only, in lines of one length', async () => {
    for (const polarity of ['light-on-dark', 'dark-on-light'] as const) {
      const text = await qrPlainText(keyUri({ label: 'QGH', user: 'alice', secret }), polarity);
      expect(text).toMatch(/^([█▀▄ ]+\n)+$/);
      expect(
        new Set(
          text
            .slice(0, -1)
            .split('\n')
            .map((line) => line.length),
        ).size,
      ).toBe(1);
    }
  });
});
