import { describe, expect, it } from 'vitest';
import { type TerminalEnvironment, terminalCapabilities } from '../../src/terminal/capabilities.ts';

const screen = { isTTY: true, columns: 80, rows: 24 };

function capabilitiesOf(
  env: TerminalEnvironment,
  output: Parameters<typeof terminalCapabilities>[0]['output'] = screen,
) {
  return terminalCapabilities({ env, output, colour: 'auto' });
}

describe('terminalCapabilities', () => {
  it.each([
    ['xterm-256color', true, true, '256'],
    // Plain names of emulators that all have the colour cube today.
    ['xterm', true, true, '256'],
    ['screen.xterm-256color', true, true, '256'],
    ['tmux-256color', true, true, '256'],
    ['rxvt-unicode-256color', true, true, '256'],
    ['alacritty', true, true, '256'],
    ['xterm-kitty', true, true, '256'],
    ['xterm-ghostty', true, true, '256'],
    ['putty', true, true, '256'],
    ['linux', true, false, '16'],
    ['linux-16color', true, false, '16'],
    ['ansi', true, false, '16'],
    ['vt525', true, false, '16'],
    ['vt100', true, false, 'none'],
    ['vt102', true, false, 'none'],
    ['vt220', true, false, 'none'],
    ['vt220-8bit', true, false, 'none'],
    ['vt420', true, false, 'none'],
    ['xterm-mono', true, false, 'none'],
    ['xterm-vt220', true, false, 'none'],
    ['linux-m', true, false, 'none'],
    ['dumb', false, false, 'none'],
    ['unknown', false, false, 'none'],
    ['dialup', false, false, 'none'],
    // These do not speak ECMA-48.
    ['wy60', false, false, 'none'],
    ['ibm3151', false, false, 'none'],
    ['tvi925', false, false, 'none'],
    ['vt52', false, false, 'none'],
    ['3270', false, false, 'none'],
    ['', false, false, 'none'],
    [undefined, false, false, 'none'],
    ['xterm;rm -rf', true, true, '256'],
    ['\u001b[31m', false, false, 'none'],
  ] as const)('TERM=%s: ansi %s, second screen %s, colours %s', (TERM, ansi, alternateScreen, colour) => {
    expect(capabilitiesOf({ TERM })).toMatchObject({ ansi, alternateScreen, colour });
  });

  it.each([
    [{ LANG: 'en_GB.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LC_CTYPE: 'UTF-8' }, true],
    [{ LANG: 'de_DE.UTF-8@euro' }, true],
    [{ LANG: 'C', LC_ALL: 'C.UTF-8' }, true],
    [{ LANG: 'en_GB.UTF-8', LC_CTYPE: 'C' }, false],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'POSIX' }, false],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: '' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'C' }, false],
    [{}, false],
  ] as const)('locale %o: unicode %s', (locale, unicode) => {
    expect(capabilitiesOf({ TERM: 'xterm', ...locale }).unicode).toBe(unicode);
  });

  it('draws no colours where NO_COLOR is set to something, or the configuration says never', () => {
    const env = { TERM: 'xterm-256color' };
    expect(capabilitiesOf({ ...env, NO_COLOR: '1' }).colour).toBe('none');
    expect(capabilitiesOf({ ...env, NO_COLOR: '' }).colour).toBe('256');
    expect(terminalCapabilities({ env, output: screen, colour: 'never' })).toMatchObject({
      colour: 'none',
      ansi: true,
    });
  });

  it('takes a terminal of an unknown name that boasts of colours for a plain colour terminal', () => {
    expect(capabilitiesOf({ TERM: 'brandnew', COLORTERM: 'truecolor' })).toMatchObject({ ansi: true, colour: '256' });
    expect(capabilitiesOf({ TERM: 'brandnew', COLORTERM: '1' })).toMatchObject({ ansi: true, colour: '16' });
  });

  it('lets COLORTERM, which shells inherit, make nothing of vt220 and dumb', () => {
    expect(capabilitiesOf({ TERM: 'vt220', COLORTERM: 'truecolor' }).colour).toBe('none');
    expect(capabilitiesOf({ TERM: 'dumb', COLORTERM: 'truecolor' }).ansi).toBe(false);
  });

  it('sends no sequences into a pipe, whatever TERM says', () => {
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
    expect(capabilitiesOf(env, {})).toMatchObject({
      ansi: false,
      colour: 'none',
      alternateScreen: false,
      unicode: true,
    });
  });

  it('takes 80x24 where the size is not known or is nonsense', () => {
    for (const output of [
      { isTTY: true },
      { isTTY: true, columns: 0, rows: 0 },
      { isTTY: true, columns: -1, rows: Number.NaN },
    ]) {
      expect(capabilitiesOf({ TERM: 'vt220' }, output)).toMatchObject({ columns: 80, rows: 24 });
    }
    expect(capabilitiesOf({}, { isTTY: true, columns: 132, rows: 43 })).toMatchObject({ columns: 132, rows: 43 });
  });

  it('knows a screen reader by the variable that Ink reads', () => {
    expect(capabilitiesOf({ INK_SCREEN_READER: 'true' }).screenReader).toBe(true);
    expect(capabilitiesOf({ INK_SCREEN_READER: 'false' }).screenReader).toBe(false);
    expect(capabilitiesOf({}).screenReader).toBe(false);
  });
});
