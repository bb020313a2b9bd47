/**
 * The first prompt, before Node's terminal modules are loaded: they take longer than all the rest of a start. For a terminal that is
 * raw already: what is typed from here on waits in it, key by key, for whoever reads next.
 */
import { writeFileSync } from 'node:fs';
import type { Config } from '../../core/config/model.ts';
import type { Ask } from '../../core/login/message.ts';
import { type TerminalEnvironment, terminalCapabilities } from '../../terminal/capabilities.ts';
import { dropTypeAhead } from '../../terminal/terminal-guard-drain.ts';
import { promptText, settled } from './line-asker.ts';
import { plainText } from './plain-text.ts';

/** What was typed before is dropped. False where it could not be drawn; then nothing is there. */
export function drawFirstPrompt(prompt: {
  readonly ask: Ask;
  readonly environment: TerminalEnvironment;
  readonly colour: Config['terminal']['colour'];
  /** The descriptors of the terminal. */
  readonly input: number;
  readonly output: number;
}): boolean {
  const { ask, environment, colour, input, output } = prompt;
  const seen = terminalCapabilities({ env: environment, output: { isTTY: true }, colour });
  dropTypeAhead(input);
  try {
    writeFileSync(output, settled(seen) + promptText(ask, plainText(seen)));
    return true;
  } catch {
    // Hung up, or somebody made it non-blocking and it is full.
    return false;
  }
}
