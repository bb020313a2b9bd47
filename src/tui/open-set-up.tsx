/** The set-up wizard on a terminal that is the console's already. */
import { Box, Text } from 'ink';
import { useStore } from 'zustand';
import { SETTINGS } from '../core/config/settings.ts';
import type { Clock } from '../core/ports.ts';
import { Rows } from '../terminal/rows.tsx';
import { hintLine } from './components/hint-line.ts';
import { contextsOf, offersIn } from './console-keys.ts';
import { fits, LEAST_SIZE, roomIn, topPanel } from './console-state.ts';
import type { SetUpService } from './flows/set-up.ts';
import { hintsOf } from './keymap-text.ts';
import { lookOf } from './look.ts';
import { createSetUpConsole, type SetUpConsole, type SetUpEnd } from './set-up-console.ts';
import type { TerminalSession } from './terminal-session.ts';

/** Resolves when the facility is there, or the person left. */
export async function showSetUp(
  session: TerminalSession,
  from: { readonly service: SetUpService; readonly clock: Clock },
): Promise<SetUpEnd> {
  const { promise: over, resolve: onEnd } = Promise.withResolvers<SetUpEnd>();
  const { fallback: qr } = SETTINGS['Terminal.QR'];
  const console = createSetUpConsole({
    ...from,
    look: () => lookOf(session.capabilities('auto'), qr),
    size: session.size(),
    onEnd,
    onRedraw: session.repaint,
  });
  console.start();
  const close = session.show({ ...console, tree: <SetUp console={console} /> });
  try {
    return await over;
  } finally {
    close();
  }
}

export function SetUp({ console }: { readonly console: SetUpConsole }) {
  const state = useStore(console.store);
  const look = console.look();
  const { size } = state;
  const panel = topPanel(state);
  if (fits(size) === 'too-small') {
    const text = `Setting up needs a window of ${LEAST_SIZE.columns} columns and ${LEAST_SIZE.rows} rows.`;
    return <Rows lines={[text, 'F3 leaves.']} {...size} />;
  }
  const title = ` Gatehouse ${look.theme.glyphs.separator} Set-up`;
  const hints = panel === undefined ? [] : hintsOf(contextsOf(state, panel), offersIn(state, panel));
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Text wrap="truncate-end">{look.theme.paint('title', title.padEnd(size.columns))}</Text>
      <Box height={roomIn(size).rows}>{panel?.draw({ room: roomIn(size), look })}</Box>
      <Text wrap="truncate-end">{hintLine(hints, size.columns, look)}</Text>
    </Box>
  );
}
