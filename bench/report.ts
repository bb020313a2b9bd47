/** The figures as a table for people, and as one for docs/performance.md. */
import { type Figure, goalText, holds, ratioOf } from './figure.ts';

export function tableText(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `${row.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  ')}`.trimEnd())
    .join('\n');
}

/** Without the number of runs; a missed goal in bold. */
export function tableMarkdown(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const [name = '', value = '', middleHalf = '', , limit = '', comparedWith = '', ratio = '', goal = '', kept = ''] =
      cellsOf(figure);
    return [name, value, middleHalf, `${limit} ${comparedWith}`.trim(), ratio, goal, kept === 'NO' ? '**no**' : kept];
  });
  return `${[MARKDOWN_HEAD, ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n')}\n`;
}

const MARKDOWN_HEAD = `| what | value | middle half | limit | ratio | goal | holds |
|---|---:|---:|---|---:|---|---|`;

const HEAD = ['name', 'value', 'middle half', 'runs', 'limit', 'compared with', 'ratio', 'goal', 'holds'];
/** Numbers stand at the right. */
const RIGHT: readonly number[] = [1, 2, 3, 4, 6];

function cellsOf(figure: Figure): readonly string[] {
  const { name, value, unit, spread, limit, goal } = figure;
  const ratio = ratioOf(figure);
  return [
    name,
    `${numberText(value)} ${unit}`,
    `${numberText(spread.lowQuartile)}-${numberText(spread.highQuartile)}`,
    String(spread.runs),
    limit === undefined ? '' : `${numberText(limit.value)} ${unit}`,
    limit?.name ?? '',
    ratio === undefined ? '' : ratio.toFixed(2),
    goalText(figure) ?? '',
    goal === undefined ? '' : holds(figure) ? 'yes' : 'NO',
  ];
}

function padded(cell: string, width: number, column: number): string {
  return RIGHT.includes(column) ? cell.padStart(width) : cell.padEnd(width);
}

function numberText(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
}
