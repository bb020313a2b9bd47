import { describe, expect, it } from 'vitest';
import { benchArguments } from '../../bench/command-line.ts';

const NAMES = ['first-prompt', 'console'];

describe('the words behind npm run bench', () => {
  it('measures everything at full length without any', () => {
    expect(benchArguments([], NAMES)).toEqual({
      effort: 'full',
      json: undefined,
      markdown: undefined,
      curves: undefined,
      only: [],
    });
  });

  it('takes --quick, --json, --markdown, --curves and --only', () => {
    const words = [
      '--quick',
      '--json',
      'out.json',
      '--markdown',
      'out.md',
      '--curves',
      'pictures',
      '--only',
      'console',
      '--only',
      'first-prompt',
    ];
    const only = ['console', 'first-prompt'];
    const files = { json: 'out.json', markdown: 'out.md', curves: 'pictures' };
    expect(benchArguments(words, NAMES)).toEqual({ effort: 'quick', ...files, only });
  });

  it('refuses a measurement that there is not, and names those that there are', () => {
    expect(() => benchArguments(['--only', 'speed'], NAMES)).toThrow(/no measurement speed.*first-prompt, console/);
  });

  it.each([[['--fast']], [['--json']], [['--json', '']], [['--curves', '']], [['console']]])('refuses %j', (words) => {
    expect(() => benchArguments(words, NAMES)).toThrow();
  });
});
