import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyUri, typedKey } from '../../src/core/key-uri.ts';
import { LETTER_STEPS } from '../../src/letter/letter-words.ts';
import { qrLetterPdf } from '../../src/letter/qr-letter.ts';
import { qrMatrix } from '../../src/terminal/qr-matrix.ts';
import { everythingIn, onlyPageOf, type PdfPage } from '../support/letter-pdf.ts';
import { decodeByAll, pixelsOfPng, pixelsOfSvg, readAs } from '../support/qr-decoders.ts';

const secret = Uint8Array.from({ length: 20 }, (_, index) => (index * 41 + 11) % 256);
const key = typedKey(secret);
const label = 'Codectomy St Elsewhere LIVE';

function letterFor(account: { readonly label: string; readonly user: string }) {
  return { ...account, uri: keyUri({ ...account, secret }), key };
}

describe('the letter', () => {
  it('is one A4 page with the account, the steps, the typed key in fours and a warning', async () => {
    const page = await onlyPageOf(
      await qrLetterPdf({ ...letterFor({ label, user: 'alice' }), date: '24 November 2026' }),
    );
    expect([page.width, page.height].map(Math.round)).toEqual([595, 842]);
    const text = page.texts.join(' ');
    expect(text).toContain(`Two-factor log-on for ${label}`);
    expect(text).toContain('User: alice');
    expect(text).toContain('24 November 2026');
    expect(page.texts).toContain(key.slice(0, 19));
    expect(page.texts).toContain(key.slice(20));
    for (const step of LETTER_STEPS) expect(text).toContain(step);
    for (const [index] of LETTER_STEPS.entries()) expect(page.texts).toContain(`${index + 1}.`);
    expect(text).toContain('Keep this letter secret.');
    expect(text).toContain('Lost your phone or this letter?');
    expect(text).not.toContain('<U+');
  });

  it('fills exactly the dark modules, and the rectangles decode to the exact URI', async () => {
    const letter = letterFor({ label, user: 'alice' });
    const page = await onlyPageOf(await qrLetterPdf(letter));
    const matrix = await qrMatrix(letter.uri, 'M');
    expect(modulesOf(page, matrix.size)).toEqual(
      matrix.rows.map((row) => row.map((dark) => (dark ? '#' : '.')).join('')),
    );
    expect(await decodeByAll(pixelsOfSvg(svgOf(page), 1200))).toEqual(readAs(letter.uri));
  });

  it('decodes when the whole page is rendered', async (test) => {
    const renderer = pageRenderer();
    if (renderer === undefined) return test.skip('skipped: needs pdftoppm');
    const letter = letterFor({ label, user: 'alice' });
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-letter-'));
    try {
      await writeFile(join(folder, 'letter.pdf'), await qrLetterPdf(letter));
      expect(renderer(join(folder, 'letter.pdf'), join(folder, 'page'))).toBe(0);
      const png = await readFile(join(folder, 'page.png'));
      expect(await decodeByAll(pixelsOfPng(png))).toEqual(readAs(letter.uri));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['Polish and Maori', { label: 'Szpital Świętej Łucji – Ngā Māhanga', user: 'Zażółć Gęślą' }],
    ['Western European', { label: 'Spitäler & Söhne "LIVE"', user: 'Zoë O’Brien' }],
  ])('prints %s names as they are', async (_, account) => {
    const text = (await onlyPageOf(await qrLetterPdf(letterFor(account)))).texts.join('');
    expect(text).toContain(account.label.replaceAll(' ', ' '));
    expect(text).toContain(account.user);
    expect(text).not.toContain('<U+');
  });

  it.each([
    ['Chinese, at full length', { label: '病'.repeat(64), user: '人'.repeat(64) }],
    ['emoji, at full length', { label: '🏥'.repeat(64), user: '🧑🏽'.repeat(32) }],
    ['one word of 64 wide letters', { label: 'W'.repeat(64), user: 'M'.repeat(64) }],
    ['right-to-left', { label: 'בית חולים', user: 'مستشفى' }],
    ['control characters', { label: 'a\u0000b\nc\u009b31m', user: '\u001b]52;c;eA==\u0007\u202egnp.exe' }],
    ['PDF operators', { label: ') Tj ET (', user: '<48> Tj /F1 99 Tf' }],
  ])('stays one page that decodes with names that are hard: %s', async (_, account) => {
    const letter = letterFor(account);
    const page = await onlyPageOf(await qrLetterPdf(letter));
    expect(page.texts.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(page.texts).toContain(key.slice(0, 19));
    expect(modulesOf(page, (await qrMatrix(letter.uri, 'M')).size)).toHaveLength(
      (await qrMatrix(letter.uri, 'M')).size,
    );
    const { ZXing } = await decodeByAll(pixelsOfSvg(svgOf(page), 2400));
    expect(ZXing).toBe(letter.uri);
  });

  it('says that it spells out what it cannot print', async () => {
    const { texts } = await onlyPageOf(await qrLetterPdf(letterFor({ label: '病院', user: 'alice' })));
    expect(texts.join(' ')).toContain('<U+75C5><U+9662>');
    expect(texts.join(' ')).toContain('Characters that this letter cannot print');
  });

  it('prints steps of one’s own instead, and refuses more than a page of them', async () => {
    const letter = letterFor({ label, user: 'alice' });
    const { texts } = await onlyPageOf(await qrLetterPdf({ ...letter, instructions: ['Come to the desk.'] }));
    expect(texts).toContain('Come to the desk.');
    expect(texts.join(' ')).not.toContain(LETTER_STEPS[0]);
    const endless = qrLetterPdf({ ...letter, instructions: Array.from({ length: 200 }, () => 'On and on.') });
    await expect(endless).rejects.toMatchObject({ code: 'bad-data' });
  });

  it('gives the same bytes for the same letter, with no date of making and nothing of the user in its properties', async () => {
    const letter = letterFor({ label, user: 'alice' });
    const pdf = await qrLetterPdf(letter);
    expect(Buffer.from(pdf).equals(Buffer.from(await qrLetterPdf(letter)))).toBe(true);
    expect(everythingIn(pdf)).not.toMatch(/CreationDate|ModDate/);
    const [shown, hidden] = [key.replaceAll(' ', ''), letter.uri].map((word) => everythingIn(pdf).includes(word));
    expect([shown, hidden]).toEqual([false, false]);
  });
});

/** The rectangles as modules, `#` dark; their frame gives the grid. */
function modulesOf(page: PdfPage, size: number): readonly string[] {
  const left = Math.min(...page.rectangles.map(([x]) => x));
  const right = Math.max(...page.rectangles.map(([x, , width]) => x + width));
  const top = Math.max(...page.rectangles.map(([, y, , height]) => y + height));
  const module = (right - left) / size;
  const grid = Array.from({ length: size }, () => Array.from({ length: size }, () => '.'));
  for (const [x, y, width, height] of page.rectangles) {
    expect(height).toBeCloseTo(module, 3);
    const row = grid[Math.round((top - y - height) / module)];
    const from = Math.round((x - left) / module);
    row?.fill('#', from, from + Math.round(width / module));
  }
  return grid.map((row) => row.join(''));
}

/** The page with its rectangles alone. */
function svgOf({ width, height, rectangles }: PdfPage): string {
  const rects = rectangles.map(
    ([x, y, w, h]) => `<rect x="${x}" y="${height - y - h}" width="${w}" height="${h}" shape-rendering="crispEdges"/>`,
  );
  const box = `${QR_CROP.left} ${height - QR_CROP.top} ${QR_CROP.side} ${QR_CROP.side}`;
  expect(rectangles.length).toBeGreaterThan(100);
  expect(width).toBeGreaterThan(QR_CROP.side);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${QR_CROP.side}" height="${QR_CROP.side}" viewBox="${box}">${rects.join('')}</svg>`;
}

/** Where the code is on the page, roughly, in points. */
const QR_CROP = { left: 40, top: 640, side: 400 };

/** Shades at edges, as every viewer and printer makes them. */
const SMOOTH = ['-dGraphicsAlphaBits=4', '-dTextAlphaBits=4'];

/** Ends with the exit status; undefined where this machine has no renderer. */
function pageRenderer(): ((pdf: string, out: string) => number | null) | undefined {
  if (spawnSync('pdftoppm', ['-v']).error === undefined) {
    return (pdf, out) => spawnSync('pdftoppm', ['-png', '-r', '150', '-singlefile', pdf, out]).status;
  }
  if (spawnSync('gs', ['-v']).error === undefined) {
    return (pdf, out) =>
      spawnSync('gs', ['-q', '-dSAFER', '-sDEVICE=png16m', '-r150', ...SMOOTH, '-o', `${out}.png`, pdf]).status;
  }
  return undefined;
}
