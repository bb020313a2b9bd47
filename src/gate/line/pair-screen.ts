/**
 * The QR code and the typed key on a plain terminal. Invariant: both are drawn on the alternate screen, or on one that is wiped
 * line by line, so that nothing of them reaches the scrollback; they are wiped after QrSeconds, and whenever the login
 * goes on or ends. Where the screen cannot be wiped (TERM=dumb) the key alone is shown: without it nobody could pair.
 */
import type { Config } from '../../core/config/model.ts';
import type { Pair } from '../../core/login/message.ts';
import type { TerminalCapabilities } from '../../terminal/capabilities.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type PairView, pairLines, pairText, pairView } from './pair-text.ts';
import type { PlainText } from './plain-text.ts';

export type PairScreen = {
  isOpen(): boolean;
  /** Draws it, with `lines` beneath, and leaves the cursor where the question goes. */
  open(pair: Pair, lines: readonly string[]): Promise<void>;
  /** Draws it again with other lines beneath. */
  say(lines: readonly string[]): void;
  /** Draws it again for the window as it is now, and the open question. */
  redraw(): void;
  /** Wipes it and goes back to the screen before. Does nothing when it is not open. */
  close(): void;
};

export function pairScreen(screen: {
  readonly write: (text: string) => void;
  readonly capabilities: () => TerminalCapabilities;
  readonly plain: PlainText;
  readonly settings: Config['terminal'];
  /** Draws the open question again, where there is one. */
  readonly redrawQuestion: () => void;
}): PairScreen {
  const { write, capabilities, plain, settings, redrawQuestion } = screen;
  let shown: PairView | 'hidden' | undefined;
  let beneath: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    if (shown === undefined) return;
    const seen = capabilities();
    const below = beneath.flatMap((line) => wrapText(line, seen.columns));
    const above =
      shown === 'hidden'
        ? wrapText(HIDDEN, seen.columns)
        : pairLines({ view: shown, plain, capabilities: seen, setting: settings.qr, rowsBeneath: below.length + 1 });
    write(`${wiped(seen.rows)}${[...above, ...below].map((line) => `${line}\n`).join('')}`);
  }

  function redraw(): void {
    if (shown === undefined) return;
    draw();
    redrawQuestion();
  }

  return {
    isOpen: () => shown !== undefined,
    async open(pair, lines) {
      const seen = capabilities();
      if (!seen.ansi) {
        for (const line of [...pairText(pair, plain), ...lines]) write(`${line}\n`);
        return;
      }
      const view = await pairView(pair);
      if (shown === undefined && seen.alternateScreen) write(ALTERNATE_SCREEN);
      shown = view;
      beneath = lines;
      draw();
      clearTimeout(timer);
      timer = setTimeout(() => {
        shown = 'hidden';
        redraw();
      }, settings.qrSeconds * 1000);
    },
    say(lines) {
      beneath = lines;
      draw();
    },
    redraw,
    close() {
      if (shown === undefined) return;
      clearTimeout(timer);
      shown = undefined;
      const { rows, alternateScreen } = capabilities();
      write(alternateScreen ? `${wiped(rows)}${MAIN_SCREEN}` : wiped(rows));
    },
  };
}

const HIDDEN = 'The QR code and the key are hidden again. To see new ones, press Esc and log on once more.';
const ALTERNATE_SCREEN = '\x1b[?1049h';
const MAIN_SCREEN = '\x1b[?1049l';

/** Each row erased by itself: several terminals save a screen that is erased as a whole (ED 2) into the scrollback. */
function wiped(rows: number): string {
  const erased = Array.from({ length: rows }, (_, row) => `\x1b[${row + 1};1H\x1b[2K`);
  return `\x1b[0m${erased.join('')}\x1b[H`;
}
