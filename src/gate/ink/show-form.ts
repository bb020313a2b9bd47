/** A form on a screen: by plain writes from its first frame on, by Ink as soon as that is loaded. */
import type { WriteStream } from 'node:tty';
import type { InkScreen } from '../../terminal/ink-screen.ts';
import type { Screen } from '../../terminal/screen.ts';
import type { Form } from './form.ts';
import { formLines, secondsLeftFor } from './form-lines.ts';
import { type FormLook, formLook } from './form-look.ts';
import { plainPainter } from './plain-painter.ts';

export type FormPicture = {
  /** Draws everything again. */
  repaint(): void;
  /** The same, on a terminal that somebody else has drawn on meanwhile. */
  reenter(): void;
  /** Draws no more; the screen stays open. */
  close(): void;
};

export function showForm(from: {
  readonly form: Pick<Form, 'subscribe' | 'view'>;
  readonly output: WriteStream;
  readonly screen: Screen;
  readonly look: Pick<FormLook, 'capabilities' | 'qr'>;
  readonly now: () => number;
}): FormPicture {
  const { form, output, screen, look, now } = from;
  const painter = plainPainter((text) => void output.write(text));
  let stopPainting = startPainting();
  let ink: InkScreen | undefined;
  let state: 'first-frame' | 'loading' | 'shown' | 'closed' = 'first-frame';

  function startPainting(): () => void {
    const unsubscribe = form.subscribe(paint);
    output.on('resize', paintAnew);
    return () => {
      unsubscribe();
      output.off('resize', paintAnew);
    };
  }

  function paint(): void {
    const view = form.view();
    const size = { columns: output.columns || look.capabilities.columns, rows: output.rows || look.capabilities.rows };
    painter.paint(formLines(view, size, formLook({ ...look, secondsLeft: secondsLeftFor(view, now()) })));
    if (state !== 'first-frame') return;
    state = 'loading';
    // After the frame is out and keys that wait were taken.
    setImmediate(() => void loadInk());
  }

  function paintAnew(): void {
    painter.forget();
    screen.clear();
    paint();
  }

  async function loadInk(): Promise<void> {
    try {
      const [{ showInk }, { formTree }] = await Promise.all([
        import('../../terminal/ink-screen.ts'),
        import('./form-screen.tsx'),
      ]);
      if (state !== 'loading') return;
      state = 'shown';
      stopPainting();
      ink = showInk({ tree: formTree({ form, look, now }), output, screen, onBroken: goOnPlainly });
    } catch {
      goOnPlainly();
    }
  }

  function goOnPlainly(): void {
    if (state === 'closed') return;
    ink = undefined;
    state = 'shown';
    stopPainting();
    stopPainting = startPainting();
    paintAnew();
  }

  return {
    repaint() {
      if (ink === undefined) paintAnew();
      else ink.repaint();
    },
    reenter() {
      screen.reenter();
      this.repaint();
    },
    close() {
      state = 'closed';
      stopPainting();
      ink?.close();
    },
  };
}
