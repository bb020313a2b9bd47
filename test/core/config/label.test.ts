import { describe, expect, it } from 'vitest';
import { labelAdvice, labelProblem } from '../../../src/core/config/label.ts';

describe('a label', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['\u00a0', 'empty'],
    ['x'.repeat(65), 'too-long'],
    ['🏥'.repeat(65), 'too-long'],
    ['x'.repeat(1_000_000), 'too-long'],
    ['a:b', 'colon'],
    ['a\nb', 'invisible-character'],
    ['a\u0000b', 'invisible-character'],
    ['a\u200db', 'invisible-character'],
    ['a\u202eb', 'invisible-character'],
    ['\ud800', 'invisible-character'],
    ['\u2028Ward LIVE', 'invisible-character'],
    ['Ward LIVE\u2029', 'invisible-character'],
    ['Ward LIVE\ufeff', 'invisible-character'],
  ] as const)('%.30j is refused: %s', (label, problem) => {
    expect(labelProblem(label)).toBe(problem);
  });

  it.each(['x', 'x'.repeat(64), '🏥'.repeat(64), ' Codectomy St Elsewhere LIVE ', '東京 100% "A" ; # = LIVE'])(
    '%j may stand',
    (label) => {
      expect(labelProblem(label)).toBeUndefined();
    },
  );

  it('should name facility and system type', () => {
    expect(labelAdvice('Codectomy St Elsewhere LIVE')).toBeUndefined();
    expect(labelAdvice('St Elsewhere Acceptance')).toBeUndefined();
    for (const label of ['LIVE', 'St Elsewhere', 'Olive Clinic']) expect(labelAdvice(label)).toContain('system type');
  });
});
