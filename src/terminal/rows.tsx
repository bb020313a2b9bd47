/** Lines of text with SGR sequences as an Ink tree: one `Text` a row, so that what did not change is not drawn again. */
import { Box, Text } from 'ink';

export function Rows({
  lines,
  columns,
  rows,
}: {
  /** None wider than `columns`. Further ones than `rows` are not drawn. */
  readonly lines: readonly string[];
  readonly columns: number;
  readonly rows: number;
}) {
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {lines.slice(0, rows).map((line, row) => (
        // A row is its place: nothing else tells it from another one.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows never change places
        <Text key={row} wrap="truncate-end">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  );
}
