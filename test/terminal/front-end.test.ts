import { describe, expect, it } from 'vitest';
import { type TerminalEnvironment, terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { chooseFrontEnd, FORM_LEAST_SIZE, FRONT_ENDS, type FrontEnd } from '../../src/terminal/front-end.ts';

type Case = {
  readonly env?: TerminalEnvironment;
  readonly requested?: FrontEnd;
  readonly available?: readonly FrontEnd[];
  readonly inputIsTTY?: false;
  readonly outputIsTTY?: false;
  readonly size?: { readonly columns: number; readonly rows: number };
};

function chosen(given: Case): FrontEnd {
  const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...given.env };
  const output = { isTTY: given.outputIsTTY ?? true, columns: 80, rows: 24, ...given.size };
  return chooseFrontEnd({
    requested: given.requested,
    available: given.available ?? FRONT_ENDS,
    input: { isTTY: given.inputIsTTY ?? true },
    capabilities: terminalCapabilities({ env, output, colour: 'auto' }),
  });
}

describe('chooseFrontEnd', () => {
  it.each<[string, FrontEnd, Case]>([
    ['a terminal window', 'ink', {}],
    ['a Linux console', 'ink', { env: { TERM: 'linux' } }],
    ['a window with a row taken by tmux', 'ink', { size: { columns: 80, rows: 23 } }],
    ['a window that is too low', 'line', { size: { columns: 80, rows: FORM_LEAST_SIZE.rows - 1 } }],
    ['a window that is too narrow', 'line', { size: { columns: FORM_LEAST_SIZE.columns - 1, rows: 24 } }],
    ['TERM=dumb', 'line', { env: { TERM: 'dumb' } }],
    ['no TERM', 'line', { env: { TERM: undefined } }],
    ['a terminal nobody has heard of', 'line', { env: { TERM: 'wy60' } }],
    ['a vt100', 'line', { env: { TERM: 'vt100' } }],
    ['a vt220, which has no colours', 'line', { env: { TERM: 'vt220' } }],
    ['NO_COLOR', 'line', { env: { NO_COLOR: '1' } }],
    ['a 7-bit locale', 'line', { env: { LANG: 'C' } }],
    ['a screen reader', 'line', { env: { INK_SCREEN_READER: 'true' } }],
    ['input from a pipe', 'line', { inputIsTTY: false }],
    ['output into a pipe', 'line', { outputIsTTY: false }],
    ['a build without the form', 'line', { available: ['line', 'json'] }],
    ['line on request', 'line', { requested: 'line' }],
    ['json on request, without any terminal', 'json', { requested: 'json', inputIsTTY: false, outputIsTTY: false }],
    ['the form on request, without colours', 'ink', { requested: 'ink', env: { NO_COLOR: '1', LANG: 'C' } }],
    ['the form on request, in a small window', 'ink', { requested: 'ink', size: { columns: 40, rows: 10 } }],
    ['the form on request, on a pipe', 'line', { requested: 'ink', inputIsTTY: false }],
    ['the form on request, on a dumb terminal', 'line', { requested: 'ink', env: { TERM: 'dumb' } }],
    ['the form on request, where there is none', 'line', { requested: 'ink', available: ['line', 'json'] }],
  ])('%s: %s', (_, expected, given) => {
    expect(chosen(given)).toBe(expected);
  });

  it('never speaks JSON to somebody who has not asked for it', () => {
    expect(chosen({ available: ['json'] })).toBe('line');
  });
});
