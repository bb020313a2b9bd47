/** What the login says: errors and warnings with a mark, for colour alone says nothing. */
import type { Notice } from '../../core/login/message.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type Block, stack, text } from './block.ts';
import type { FormLook } from './form-look.ts';

export function noticeBlock(notices: readonly Notice[], columns: number, look: FormLook): Block {
  return stack(notices.map((notice) => oneNotice(notice, columns, look)));
}

/** Plain words, wrapped. A line end in them is one on the screen; everything else that steers is spelled out. */
export function paragraph(words: string, columns: number, look: FormLook): readonly string[] {
  return words.split('\n').flatMap((line) => wrapText(inertText(line, look.capabilities), columns));
}

function oneNotice({ level, text: words }: Notice, columns: number, look: FormLook): Block {
  switch (level) {
    case 'info':
      return text(paragraph(words, columns, look));
    case 'warning':
    case 'error':
      return text(
        paragraph(words, columns - 2, look).map((line, row) =>
          look.theme.paint(level, `${row === 0 ? '!' : ' '} ${line}`),
        ),
      );
  }
}
