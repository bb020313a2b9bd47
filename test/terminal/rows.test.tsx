import { render } from 'ink-testing-library';
import { expect, it } from 'vitest';
import { Rows } from '../../src/terminal/rows.tsx';

it('draws a row a line, cuts what is too wide and leaves out what is too much', () => {
  const { lastFrame, rerender } = render(<Rows lines={['one', '', 'three is wide']} columns={8} rows={3} />);
  expect(
    lastFrame()
      ?.split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual(['one', '', 'three i…']);
  rerender(<Rows lines={['one', 'two', 'three']} columns={8} rows={2} />);
  expect(
    lastFrame()
      ?.split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual(['one', 'two']);
});

it('keeps colours, and blanks on a colour at the end of a row', () => {
  const { lastFrame } = render(<Rows lines={['\x1b[0;48;5;231m  \x1b[0;48;5;16m  \x1b[0m']} columns={8} rows={1} />);
  expect(lastFrame()).toMatch(/48;5;231m {2}/);
  expect(lastFrame()).toMatch(/48;5;16m {2}/);
});
