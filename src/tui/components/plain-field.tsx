/**
 * A field for plain text, never a secret, that ink-text-input edits; keys reach it through `Desk.typeIntoInk`. Its own cursor is not
 * used: it is drawn by chalk, which draws nothing on terminals that it does not know.
 */
import { Box, Text, Transform } from 'ink';
import TextInput from 'ink-text-input';
import { inertText } from '../../terminal/inert-text.ts';
import type { Look } from '../look.ts';

export function PlainField({
  value,
  onChange,
  columns,
  look,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly columns: number;
  readonly look: Look;
}) {
  return (
    <Box width={columns} height={1}>
      <Text wrap="truncate-start">
        <Transform transform={(text) => inertText(text, look.capabilities)}>
          <TextInput value={value} onChange={onChange} showCursor={false} />
        </Transform>
        {look.theme.paint('selected', ' ')}
      </Text>
    </Box>
  );
}
