import { describe, expect, it } from 'vitest';
import { cutText, inertText } from '../../src/terminal/inert-text.ts';
import { columnsOf } from '../../src/terminal/line-editor-columns.ts';
import { openScreen } from '../../src/terminal/screen.ts';
import { fakeOutput } from '../support/fake-terminal-output.ts';
import { screenText, terminalShowing } from '../support/terminal-picture.ts';

const SIZE = { columns: 40, rows: 6 };

describe.each([
  ['with a second screen', true],
  ['without one', false],
])('%s', (_, alternateScreen) => {
  function opened() {
    const output = fakeOutput(SIZE.columns, SIZE.rows);
    output.write('before\r\n');
    const screen = openScreen({ output, capabilities: { alternateScreen, rows: SIZE.rows } });
    return { output, screen };
  }

  it('nothing that was drawn is left when it is closed, in the scrollback neither', async () => {
    const { output, screen } = opened();
    output.write('\x1b[?25l\x1b[31mSECRET\r\nSECRET');
    screen.close();
    const terminal = await terminalShowing(output.written(), SIZE);
    const buffer = terminal.buffer.normal;
    const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true));
    expect(lines.join('')).not.toContain('SECRET');
    expect(terminal.buffer.active.type).toBe('normal');
    expect(terminal.modes.bracketedPasteMode).toBe(false);
    if (alternateScreen) expect(screenText(terminal)[0]).toBe('before');
  });

  it('closes once, and the process no longer holds on to it', () => {
    const listeners = process.listenerCount('exit');
    const { output, screen } = opened();
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    screen.close();
    const { length } = output.written();
    screen.close();
    screen.reenter();
    expect(output.written()).toHaveLength(length);
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('survives a terminal that is gone', () => {
    const { output, screen } = opened();
    output.write = () => {
      throw new Error('EIO');
    };
    expect(() => {
      screen.clear();
      screen.close();
    }).not.toThrow();
  });

  it('asks for pastes with marks as long as it is open', async () => {
    const { output, screen } = opened();
    expect((await terminalShowing(output.written(), SIZE)).modes.bracketedPasteMode).toBe(true);
    screen.close();
  });
});

describe('text from outside', () => {
  it('is inert, and 7-bit where the locale is', () => {
    expect(inertText('a\x1b]8;;x\x07b\u2066ö', { unicode: true })).toBe('a<U+001B>]8;;x<U+0007>b<U+2066>ö');
    expect(inertText('ö', { unicode: false })).toBe('<U+00F6>');
  });

  it('is cut with a mark and never wider than its place', () => {
    expect(cutText('abcdef', 6, { unicode: true })).toBe('abcdef');
    expect(cutText('abcdefg', 6, { unicode: true })).toBe('abcde…');
    expect(cutText('abcdefg', 6, { unicode: false })).toBe('abcde~');
    for (let columns = 0; columns < 10; columns += 1) {
      expect(columnsOf(cutText('漢字漢字漢字', columns, { unicode: true }))).toBeLessThanOrEqual(columns);
    }
  });
});
