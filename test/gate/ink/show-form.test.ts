import type { Terminal } from '@xterm/headless';
import { createElement } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createForm, type Form } from '../../../src/gate/ink/form.ts';
import { formLines } from '../../../src/gate/ink/form-lines.ts';
import { type FormLook, formLook } from '../../../src/gate/ink/form-look.ts';
import type { FormView } from '../../../src/gate/ink/form-view.ts';
import { plainPainter } from '../../../src/gate/ink/plain-painter.ts';
import { showForm } from '../../../src/gate/ink/show-form.ts';
import { openScreen, type Screen } from '../../../src/terminal/screen.ts';
import { type FakeOutput, fakeOutput } from '../../support/fake-terminal-output.ts';
import { formViews } from '../../support/form-views.ts';
import { screenText, terminalShowing } from '../../support/terminal-picture.ts';

const NOW = Date.parse('2026-03-02T08:00:13Z');
const LOOK: Pick<FormLook, 'capabilities' | 'qr'> = {
  capabilities: {
    ansi: true,
    alternateScreen: true,
    unicode: true,
    colour: '256',
    screenReader: false,
    columns: 80,
    rows: 24,
  },
  qr: 'auto',
};
const SYNC_END = '\x1b[?2026l';

/** A form that shows what it is told. */
function formShowing(first: FormView): Pick<Form, 'view' | 'subscribe'> & { show(view: FormView): void } {
  let view = first;
  const listeners = new Set<() => void>();
  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(next) {
      view = next;
      for (const listener of listeners) listener();
    },
  };
}

/** Each cell with everything that can be seen of it, and where the cursor is. */
function cells(terminal: Terminal): readonly string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, row) =>
    Array.from({ length: terminal.cols }, (_, column) => {
      const cell = buffer.getLine(row)?.getCell(column);
      if (cell === undefined) return '';
      const chars = cell.getChars() || ' ';
      const look = [cell.getFgColor(), cell.getBgColor(), cell.isBold(), cell.isDim(), cell.isInverse()];
      // Reverse video of a blank is seen; the weight of one is not.
      return `${chars}${chars === ' ' ? [look[1], look[4]] : look}`;
    }).join(' '),
  ).concat(`cursor ${buffer.cursorX},${buffer.cursorY}`);
}

async function inkDrew(output: FakeOutput, times: number): Promise<void> {
  await vi.waitFor(() => expect(output.written().split(SYNC_END).length).toBeGreaterThan(times), { timeout: 10_000 });
}

function open(output: FakeOutput): Screen {
  return openScreen({ output, capabilities: LOOK.capabilities });
}

afterEach(() => {
  vi.doUnmock('../../../src/gate/ink/form-screen.tsx');
  vi.resetModules();
});

describe('the first frame', () => {
  it('is the very frame that Ink then draws, in every view and size', async () => {
    const views = Object.entries(await formViews());
    const sizes = [
      [80, 24],
      [140, 40],
      [60, 16],
      [20, 5],
    ] as const;
    for (const [name, view] of views) {
      for (const [columns, rows] of sizes) {
        const form = formShowing(view);
        const output = fakeOutput(columns, rows);
        const screen = open(output);
        const picture = showForm({ form, output, screen, look: LOOK, now: () => NOW });
        form.show(view);
        const first = cells(await terminalShowing(output.written(), { columns, rows }));
        await inkDrew(output, 1);
        const then = cells(await terminalShowing(output.written(), { columns, rows }));
        const hasCursor =
          formLines(view, { columns, rows }, formLook({ ...LOOK, secondsLeft: 17 })).cursor !== undefined;
        // Where there is no cursor it is hidden, wherever it is.
        expect(hasCursor ? then : then.slice(0, -1), `${name} ${columns}x${rows}`).toEqual(
          hasCursor ? first : first.slice(0, -1),
        );
        picture.close();
        screen.close();
      }
    }
  });

  it('is out before anything is loaded, and follows the form until Ink does', async () => {
    const { name, password } = await formViews();
    const form = formShowing(name);
    const output = fakeOutput();
    const screen = open(output);
    const picture = showForm({ form, output, screen, look: LOOK, now: () => NOW });
    form.show(name);
    expect(output.written()).toMatch(/User name/);
    form.show(password);
    expect(screenText(await terminalShowing(output.written(), { columns: 80, rows: 24 })).join('\n')).toMatch(
      /› Password/,
    );
    picture.close();
    screen.close();
  });
});

describe('Ink', () => {
  it('draws what the form becomes, and after a resize all of it anew', async () => {
    const { name, wrong } = await formViews();
    const form = formShowing(name);
    const output = fakeOutput();
    const screen = open(output);
    const picture = showForm({ form, output, screen, look: LOOK, now: () => NOW });
    form.show(name);
    await inkDrew(output, 1);
    form.show(wrong);
    await inkDrew(output, 2);
    output.resize(100, 30);
    await vi.waitFor(async () => {
      const shown = cells(await terminalShowing(output.written(), { columns: 100, rows: 30 }));
      const expected = fakeOutput();
      const block = formLines(wrong, { columns: 100, rows: 30 }, formLook({ ...LOOK, secondsLeft: 17 }));
      plainPainter((text) => void expected.write(text)).paint(block);
      expect(shown).toEqual(cells(await terminalShowing(expected.written(), { columns: 100, rows: 30 })));
    });
    picture.close();
    screen.close();
  });

  it('counts down while a code is asked', async () => {
    const { code } = await formViews();
    let now = NOW;
    const form = formShowing(code);
    const output = fakeOutput();
    const screen = open(output);
    const picture = showForm({ form, output, screen, look: LOOK, now: () => now });
    form.show(code);
    await inkDrew(output, 1);
    const shows = async (seconds: string) =>
      vi.waitFor(
        async () => {
          const text = screenText(await terminalShowing(output.written(), { columns: 80, rows: 24 })).join('\n');
          expect(text).toContain(`${seconds} s left`);
        },
        { timeout: 5000 },
      );
    await shows('17');
    now += 5000;
    await shows('12');
    picture.close();
    screen.close();
  });

  it('that cannot be loaded, or breaks, leaves the plain frames to go on', async () => {
    for (const formTree of [
      undefined,
      () => {
        throw new Error('broken');
      },
      () =>
        createElement(() => {
          throw new Error('broken while it draws');
        }),
    ]) {
      vi.resetModules();
      vi.doMock('../../../src/gate/ink/form-screen.tsx', () => {
        if (formTree === undefined) throw new Error('not there');
        return { formTree };
      });
      const { showForm: showAnew } = await import('../../../src/gate/ink/show-form.ts');
      const { name, password } = await formViews();
      const form = formShowing(name);
      const output = fakeOutput();
      const screen = open(output);
      const picture = showAnew({ form, output, screen, look: LOOK, now: () => NOW });
      form.show(name);
      const frames = () => output.written().split('\x1b[?25h').length;
      const before = frames();
      await vi.waitFor(() => expect(frames()).toBeGreaterThan(before), { timeout: 5000 });
      form.show(password);
      const text = screenText(await terminalShowing(output.written(), { columns: 80, rows: 24 })).join('\n');
      expect(text).toMatch(/› Password/);
      picture.close();
      screen.close();
    }
  });
});

it('a form that is closed is drawn once more without what it knew', async () => {
  const form = createForm({
    label: 'St Elsewhere LIVE',
    givenName: 'alice',
    qrSeconds: 1,
    dropTypeAhead() {},
    onCancel() {},
    onRedraw() {},
  });
  const output = fakeOutput();
  const screen = open(output);
  const picture = showForm({ form, output, screen, look: LOOK, now: () => NOW });
  form.close();
  picture.close();
  screen.close();
  const terminal = await terminalShowing(output.written(), { columns: 80, rows: 24 });
  expect(screenText(terminal).join('')).toBe('');
});
