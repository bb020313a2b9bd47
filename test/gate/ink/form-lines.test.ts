import { describe, expect, it } from 'vitest';
import { COMFORTABLE_SIZE, formLines } from '../../../src/gate/ink/form-lines.ts';
import { type FormLook, formLook } from '../../../src/gate/ink/form-look.ts';
import type { FormView } from '../../../src/gate/ink/form-view.ts';
import type { TerminalCapabilities } from '../../../src/terminal/capabilities.ts';
import { columnsOf } from '../../../src/terminal/line-editor-columns.ts';
import { FAKE_CODES } from '../../support/fake-login.ts';
import { formViews } from '../../support/form-views.ts';

const views = await formViews();
const everything = Object.entries(views);

const CAPABILITIES: TerminalCapabilities = {
  ansi: true,
  alternateScreen: true,
  unicode: true,
  colour: '256',
  screenReader: false,
  columns: 80,
  rows: 24,
};

function look(capabilities: Partial<TerminalCapabilities> = {}): FormLook {
  return formLook({ capabilities: { ...CAPABILITIES, ...capabilities }, qr: 'auto', secondsLeft: 17 });
}

function plain(line: string): string {
  return line.replace(/\x1b\[[\d;]*m/g, '');
}

function drawn(view: FormView, size = { columns: 80, rows: 24 }, with_ = look()): string {
  return formLines(view, size, with_).lines.map(plain).join('\n');
}

describe('on every window', () => {
  const widths = [1, 2, 3, 7, 10, 20, 30, 39, 40, 50, 60, 79, 80, 100, 140, 200];
  const heights = [1, 2, 3, 4, 5, 8, 10, 11, 12, 16, 23, 24, 25, 40, 60];

  it.each(everything)('%s has exactly its rows, none of which reaches the last column', (_, view) => {
    for (const columns of widths) {
      for (const rows of heights) {
        const { lines, cursor } = formLines(view, { columns, rows }, look());
        expect(lines).toHaveLength(rows);
        if (columns < 2) continue;
        const widest = Math.max(...lines.map((line) => columnsOf(plain(line))));
        expect(widest, `${columns}x${rows}`).toBeLessThanOrEqual(columns - 1);
        if (cursor === undefined) continue;
        expect(cursor.row, `${columns}x${rows}`).toBeLessThan(rows);
        expect(cursor.column, `${columns}x${rows}`).toBeLessThan(columns);
      }
    }
  });

  it.each(['name', 'password', 'code', 'wrong', 'pairing', 'blanked'] as const)(
    '%s keeps the field in sight, with the cursor in it',
    (name) => {
      for (const columns of widths.filter((width) => width >= 20)) {
        for (const rows of heights) {
          const { lines, cursor } = formLines(views[name], { columns, rows }, look());
          expect(plain(lines[cursor?.row ?? -1] ?? ''), `${columns}x${rows}`).toMatch(/› (User name|Password|Code)/);
        }
      }
    },
  );

  it('the key stays in sight as long as there are six rows', () => {
    for (const columns of widths.filter((width) => width >= 24)) {
      for (const rows of heights.filter((height) => height >= 6)) {
        expect(drawn(views.pairing, { columns, rows }), `${columns}x${rows}`).toMatch(/ABCD EFGH[\s\S]*YZ23 4567/);
      }
    }
  });

  it('says that a window is too small, and is used all the same', () => {
    const { columns, rows } = COMFORTABLE_SIZE;
    for (const size of [
      { columns: columns - 1, rows },
      { columns, rows: rows - 1 },
    ]) {
      expect(drawn(views.code, size)).toMatch(/Window too small/);
      expect(drawn(views.code, size)).toMatch(/› Code/);
    }
    expect(drawn(views.code, COMFORTABLE_SIZE)).not.toMatch(/too small/);
  });
});

describe('at 80x24', () => {
  it('has the label on top and the keys at the bottom', () => {
    const lines = formLines(views.name, { columns: 80, rows: 24 }, look()).lines.map(plain);
    expect(lines[0]?.trim()).toBe('St Elsewhere LIVE');
    expect(lines[23]).toBe(' Enter Go on   Esc Cancel   F1 Help');
  });

  it('shows a secret as marks, of whatever length, and an answered one as eight', () => {
    expect(drawn(views.password)).toMatch(/› Password +•{39}_\n/);
    expect(drawn(views.code)).toMatch(/ {2}Password +•{8}\n/);
  });

  it('shows the time that a code has left, and nowhere else', () => {
    expect(drawn(views.code)).toMatch(/› Code +123_________ █{6}░{4} 17 s left/);
    expect(drawn(views.password)).not.toMatch(/left/);
  });

  it('holds QR code, key, field and the whole error together', () => {
    const screen = drawn(views.pairing);
    expect(screen).toMatch(/▀/);
    expect(screen).toMatch(/ABCD EFGH IJKL MNOP\n?/);
    expect(screen).toMatch(/› Code 123/);
    expect(screen.match(/That/g)).toHaveLength(6);
    expect(screen).toMatch(/F6 Hide QR code/);
  });

  it('shows neither picture nor key once they are blanked', () => {
    const screen = drawn(views.blanked);
    expect(screen).not.toMatch(/▀|ABCD/);
    expect(screen).toMatch(/F6 shows them again/);
    expect(screen).toMatch(/F6 Show QR code/);
  });

  it('offers the other polarity only where there is no colour', () => {
    expect(drawn(views.pairing)).not.toMatch(/F7/);
    expect(drawn(views.pairing, undefined, look({ colour: 'none' }))).toMatch(/F7 Black\/white/);
  });

  it('has the recovery codes in two columns', () => {
    const screen = drawn(views.recovery);
    for (const code of FAKE_CODES) expect(screen).toContain(code);
    expect(screen).toMatch(/1 {2}ABCD0-FGHJ0 +6 {2}ABCD5-FGHJ5/);
    expect(screen).toMatch(/› {2}1 I have written them down/);
  });

  it('says when to try again', () => {
    expect(drawn(views.over)).toMatch(/! You used a recovery code[\s\S]*try again in 30 seconds[\s\S]*Press Enter/);
  });
});

describe('with less', () => {
  it('draws without colour but for reverse video and weight', () => {
    for (const [, view] of everything) {
      for (const line of formLines(view, { columns: 80, rows: 24 }, look({ colour: 'none' })).lines) {
        const parameters = [...line.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, list = '']) => list.split(';'));
        for (const parameter of parameters) expect(['0', '1', '2', '7', '22', '27', '']).toContain(parameter);
      }
    }
  });

  it('marks errors and the chosen option by more than colour', () => {
    expect(drawn(views.wrong)).toMatch(/! That code is not right/);
    expect(drawn(views.choice)).toMatch(/ {2} 1 Set it up now\s+› {2}2 Later/);
  });

  it('is 7-bit where the locale is', async () => {
    const foreign = await formViews('Sjukhus Öst ÅÄÖ', 'åsa');
    for (const view of Object.values(foreign)) {
      expect(drawn(view, { columns: 140, rows: 60 }, look({ unicode: false }))).toMatch(/^[\x20-\x7e\n]*$/);
    }
  });

  it('draws names and labels inert', async () => {
    const hostile = await formViews('A\x1b[31mB\x1b]52;c;QQ==\x07\u202eC\u009b2J', 'x\x1b[2Jy\u200bz');
    for (const view of Object.values(hostile)) {
      const { lines } = formLines(view, { columns: 140, rows: 40 }, look());
      for (const line of lines) expect(plain(line)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});
