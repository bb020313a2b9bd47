/** The console as Ink draws it: a header, whatever has the keyboard, and the hints. It decides nothing. */
import { Box, Text } from 'ink';
import { useStore } from 'zustand';
import { Rows } from '../terminal/rows.tsx';
import { headerLine } from './components/header-line.ts';
import { hintLine, messageLine } from './components/hint-line.ts';
import { contextsOf, offersIn } from './console-keys.ts';
import { type ConsoleState, fits, LEAST_SIZE, roomIn, topPanel } from './console-state.ts';
import type { Console } from './console-store.ts';
import { hintsOf } from './keymap-text.ts';
import type { Look } from './look.ts';

export function App({ console }: { readonly console: Console }) {
  const state = useStore(console.store);
  const look = console.desk.look();
  const { size } = state;
  const panel = topPanel(state);
  if (state.left !== undefined) return null;
  if (fits(size) === 'too-small') return <Rows lines={tooSmallLines(state)} {...size} />;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Text wrap="truncate-end">
        {headerLine({
          title: state.gateway === undefined ? (state.screens.at(-1)?.title() ?? '') : 'Sign in',
          mode: console.desk.config().mode,
          signedIn: state.signedIn,
          columns: size.columns,
          look,
        })}
      </Text>
      <Box height={roomIn(size).rows}>{panel?.draw({ room: roomIn(size), look })}</Box>
      <Text wrap="truncate-end">{lastLine(state, look)}</Text>
    </Box>
  );
}

function lastLine(state: ConsoleState, look: Look): string {
  const { columns } = state.size;
  if (state.message !== undefined) return messageLine(state.message.text, columns, look);
  if (state.busy !== undefined) return messageLine(`${state.busy}...`, columns, look);
  const panel = topPanel(state);
  return panel === undefined ? '' : hintLine(hintsOf(contextsOf(state, panel), offersIn(state, panel)), columns, look);
}

function tooSmallLines({ size }: ConsoleState): readonly string[] {
  return [
    'The window is too small for the console.',
    `It needs ${LEAST_SIZE.columns} columns and ${LEAST_SIZE.rows} rows;`,
    `it has ${size.columns} and ${size.rows}. q leaves.`,
  ];
}
