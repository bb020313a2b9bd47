/** What can be put on top of a screen until it is answered. */
import type { Panel } from './panel.ts';

export type Dialogue = Panel & {
  /** Takes it as given up: the console is locked, or the person left. Its promise is answered. */
  dismiss(): void;
};

/** Text of a dialogue: paragraphs are wrapped, a list has one item a line and can be scrolled. */
export type Body = {
  readonly paragraphs: readonly string[];
  readonly list?: readonly string[];
};
