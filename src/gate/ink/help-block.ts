/** Help: the keys of the form, and what is to be typed. */
import { type Block, spaced, text } from './block.ts';
import { FORM_KEYS } from './form-keys.ts';
import type { FormLook } from './form-look.ts';
import { paragraph } from './notice-block.ts';

export function helpBlock(columns: number, look: FormLook): Block {
  const { theme } = look;
  const keys = FORM_KEYS.filter((key) => key.help !== '').flatMap(({ key, help }) =>
    paragraph(help, columns - KEY_COLUMNS, look).map(
      (line, row) =>
        (row === 0 ? theme.paint('key', key) + ' '.repeat(KEY_COLUMNS - key.length) : ' '.repeat(KEY_COLUMNS)) + line,
    ),
  );
  return spaced([
    text([theme.paint('strong', 'Help')]),
    text(keys),
    ...WORDS.map((words) => text(paragraph(words, columns, look))),
  ]);
}

const KEY_COLUMNS = 8;

const WORDS = [
  'Code: the six digits that the app on your phone shows for this system now. Each counts once.',
  'Without your phone: type a recovery code instead, or ask your administrator for a one-time code.',
  'If your user name or password is not taken, ask your administrator.',
];
