/** The Overview as rows: which system this is, how far the roll-out is, the last day's log-ons, and what to mend. */
import type { Mode } from '../../core/config/model.ts';
import { TWO_FACTOR_STATES, type TwoFactorState } from '../../core/two-factor.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { wrapText } from '../../terminal/wrap-text.ts';
import { columnChart, stackedBar } from '../components/bar-chart.ts';
import { modeText } from '../components/header-line.ts';
import { DAY_MS, partsIn, partsOf } from '../log-on-tally.ts';
import type { Look } from '../look.ts';
import type { Warning } from '../overview-warnings.ts';
import type { Size, ViewProps } from '../panel.ts';
import { spelledOut } from '../text-cell.ts';
import type { OverviewState } from './overview-model.tsx';

export function Overview({ state, room, look }: ViewProps & { readonly state: OverviewState }) {
  return <Rows lines={overviewLines(state, { room, look })} {...room} />;
}

export function overviewLines(state: OverviewState, { room, look }: ViewProps): readonly string[] {
  const above = [
    ...systemLines(state.mode, room, look),
    '',
    ...rollOutLines(state, room, look),
    '',
    ...logOnLines(state, room, look),
    '',
  ];
  return [...above, ...warningLines(state.warnings, { columns: room.columns, rows: room.rows - above.length }, look)];
}

/** `text` and what mends it, as lines at most `columns` wide. */
export function warningText({ level, text, mend }: Warning, columns: number, look: Look): readonly string[] {
  const plain = (from: string): string => spelledOut(inertText(from, look.capabilities));
  const marked = wrapText(plain(text), columns - 3).map((line, index) => `${index === 0 ? '! ' : '  '}${line}`);
  return [
    ...marked.map((line) => ` ${look.theme.paint(level, line)}`),
    ...wrapText(plain(mend), columns - 5).map((line) => `     ${line}`),
  ];
}

function systemLines(mode: Mode | undefined, { columns }: Size, look: Look): readonly string[] {
  const name = cutText(spelledOut(inertText(modeText(mode), look.capabilities)), columns - 2, look.capabilities);
  const loud = mode === undefined || mode.kind === 'off' ? 'error' : 'strong';
  return [` ${look.theme.paint(loud, name)}`, ` ${MODE_WORDS[mode?.kind ?? 'missing']}`];
}

const MODE_WORDS: Readonly<Record<Mode['kind'] | 'missing', string>> = {
  auto: 'Whoever has to use two-factor pairs a phone at the next log-on.',
  central: 'An administrator hands out the QR code; before that there is no entry.',
  off: 'Nobody is asked for a code.',
  missing: 'Nobody with two-factor on is let in.',
};

/** From done to not begun; each with a filling of its own, and said in words below. */
const STATES: readonly TwoFactorState[] = TWO_FACTOR_STATES.toReversed();
const UNICODE_FILLINGS: Readonly<Record<TwoFactorState, string>> = {
  paired: '█',
  issued: '▓',
  required: '▒',
  off: '░',
};
const SEVEN_BIT_FILLINGS: Readonly<Record<TwoFactorState, string>> = {
  paired: '#',
  issued: '=',
  required: '-',
  off: '.',
};

function rollOutLines({ counts }: OverviewState, { columns }: Size, look: Look): readonly string[] {
  const title = look.theme.paint('strong', 'Two-factor roll-out');
  if (counts === undefined) return [` ${title}`, ' Counting...'];
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  const words = STATES.map((state) => ({
    state,
    text: `${state} ${counts[state]} (${percent(counts[state], total)})`,
  }));
  if (look.capabilities.screenReader) {
    return [`${title} of ${total} users: ${words.map(({ text }) => text).join(', ')}.`];
  }
  const fillings = look.capabilities.unicode ? UNICODE_FILLINGS : SEVEN_BIT_FILLINGS;
  const bar = stackedBar(
    STATES.map((state) => ({ value: counts[state], glyph: fillings[state] })),
    columns - 2,
    look,
  );
  const legend = words.map(({ state, text }) => `${look.theme.paint('bar', fillings[state])} ${text}`).join('   ');
  const done = `${counts.paired} of ${total} ${total === 1 ? 'user' : 'users'} paired`;
  return [` ${title}  ${done}`, ` ${bar}`, ` ${legend}`];
}

/** `100%` only where all are; `<1%` where somebody is. */
function percent(part: number, total: number): string {
  const share = total === 0 ? 0 : (100 * part) / total;
  if (share > 0 && share < 1) return '<1%';
  return share > 99 && share < 100 ? '>99%' : `${Math.round(share)}%`;
}

function logOnLines({ logOns, now, trail }: OverviewState, room: Size, look: Look): readonly string[] {
  const parts = partsOf(logOns, now, partsIn(room.columns - 2));
  const granted = parts.map((part) => part.granted);
  const failed = parts.map((part) => part.failed);
  const { strong, muted } = {
    strong: (text: string) => look.theme.paint('strong', text),
    muted: (text: string) => look.theme.paint('muted', text),
  };
  const state = trail === 'reading' ? ` ${muted('(still reading)')}` : '';
  const broken =
    trail === 'reading' || trail === 'read'
      ? []
      : [
          ` ${look.theme.paint('error', cutText(inertText(trail, look.capabilities), room.columns - 2, look.capabilities))}`,
        ];
  const heads = [
    ` ${strong('Log-ons, last 24 hours')}  ${totalText(granted)}${state}`,
    ` ${strong('Failed')}  ${totalText(failed)}`,
  ];
  if (look.capabilities.screenReader) return [...heads, ...broken];
  const rows = room.rows >= TALL_ROWS ? 3 : 1;
  const chart = (values: readonly number[]): readonly string[] =>
    columnChart(values, rows, look).map((line) => ` ${line}`);
  return [
    heads[0] ?? '',
    ...chart(granted),
    heads[1] ?? '',
    ...chart(failed),
    ` ${muted(hoursLine(now, parts.length))}`,
    ...broken,
  ];
}

/** From so many rows on the charts are three high. */
const TALL_ROWS = 30;

function totalText(values: readonly number[]): string {
  const total = values.reduce((sum, value) => sum + value, 0);
  return total === 0 ? 'none' : `${total}, at most ${Math.max(...values)} in ${partText(values.length)}`;
}

function partText(parts: number): string {
  const minutes = (24 * 60) / parts;
  return minutes === 60 ? 'an hour' : `${minutes} minutes`;
}

/** The time of day at each quarter of the chart, and where it ends. */
function hoursLine(now: number, columns: number): string {
  const quarter = columns / 4;
  const labels = [0, 1, 2, 3].map((index) => timeOfDay(now - DAY_MS + (index * DAY_MS) / 4).padEnd(quarter));
  return `${labels.join('').slice(0, columns - 9)}${`${timeOfDay(now)} UTC`.padStart(9)}`;
}

function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

function warningLines(warnings: OverviewState['warnings'], { columns, rows }: Size, look: Look): readonly string[] {
  const { paint } = look.theme;
  if (warnings === undefined) return [` ${paint('strong', 'To mend')}`, ' Looking at all users...'];
  if (warnings.length === 0) return [` ${paint('strong', 'To mend')}`, ' Nothing.'];
  const head = ` ${paint('strong', 'To mend')}  ${warnings.length}`;
  const shown: string[] = [];
  for (const [index, warning] of warnings.entries()) {
    const lines = warningText(warning, columns, look);
    // The last row says that there are more, where there are.
    const room = rows - 1 - (index === warnings.length - 1 ? 0 : 1);
    if (shown.length + lines.length > room) {
      const more = warnings.length - index;
      return [head, ...shown, ` ${paint('key', 'Enter')} shows ${index === 0 ? 'what it is' : `${more} more`}`];
    }
    shown.push(...lines);
  }
  return [head, ...shown];
}
