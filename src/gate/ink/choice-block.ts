/** A choice as a list: arrows and Enter, or the number. The chosen row has a pointer as well as reverse video. */

import { optionWords } from '../../core/login/wording.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { type Block, spaced, text } from './block.ts';
import type { FormLook } from './form-look.ts';
import type { OpenQuestion } from './form-view.ts';
import { paragraph } from './notice-block.ts';

export function choiceBlock(choice: Extract<OpenQuestion, { kind: 'choice' }>, columns: number, look: FormLook): Block {
  const { theme, capabilities } = look;
  // Where there is nothing to choose, the one option says it all.
  const label = choice.options.length > 1 ? paragraph(choice.label, columns, look) : [];
  const question = label.map((line) => theme.paint('strong', line));
  const options = choice.options.map((option, index) => {
    const words = ` ${index + 1} ${inertText(optionWords(option), capabilities)} `;
    return index === choice.selected ? `${theme.glyphs.pointer} ${theme.paint('selected', words)}` : `  ${words}`;
  });
  return spaced([text(question), { lines: options, cursor: { row: choice.selected, column: 0 } }]);
}
