/** Recovery codes in two columns, numbered, to be written down. */
import { inertText } from '../../terminal/inert-text.ts';
import { type Block, text } from './block.ts';
import type { FormLook } from './form-look.ts';

export function recoveryBlock(codes: readonly string[], columns: number, look: FormLook): Block {
  const { theme, capabilities } = look;
  const cells = codes.map((code, index) => ({
    number: `${String(index + 1).padStart(4)}  `,
    code: inertText(code, capabilities),
  }));
  const widest = Math.max(0, ...cells.map((cell) => cell.code.length));
  const columnCount = columns >= 2 * (widest + 10) ? 2 : 1;
  const rows = Math.ceil(cells.length / columnCount);
  return text(
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columnCount }, (_, column) => {
        const cell = cells[row + column * rows];
        return cell === undefined
          ? ''
          : cell.number + theme.paint('strong', cell.code) + ' '.repeat(widest - cell.code.length + 4);
      })
        .join('')
        .trimEnd(),
    ),
  );
}
