/** The settings of config.ini by section, and below them everything about the one at the cursor. */
import { changeRemarks } from '../../core/config/change-remarks.ts';
import { reasonText } from '../../core/config/problem.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type DraftRow, drafted, draftRows, drawnValue } from '../config-draft.ts';
import { remarkLine } from '../flows/change-setting.ts';
import type { Look } from '../look.ts';
import type { Size, ViewProps } from '../panel.ts';
import { cell, lastCell, spelledOut } from '../text-cell.ts';
import type { ConfigState } from './config-model.tsx';

export function Config({ state, room, look }: ViewProps & { readonly state: ConfigState }) {
  return <Rows lines={configLines(state, { room, look })} {...room} />;
}

/** Rows that this room has for the list of settings. */
export function settingRows(room: Size): number {
  return Math.max(3, room.rows - 1 - DETAIL_ROWS);
}

/** Settings with the heading of each section above its first one. */
export type ListRow =
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'setting'; readonly row: DraftRow; readonly index: number };

export function listRows(rows: readonly DraftRow[]): readonly ListRow[] {
  return rows.flatMap((row, index): readonly ListRow[] => {
    const { section } = row.shown.setting;
    const setting: ListRow = { kind: 'setting', row, index };
    const isFirst = section !== null && rows[index - 1]?.shown.setting.section !== section;
    return isFirst ? [{ kind: 'section', name: section }, setting] : [setting];
  });
}

export function configLines(state: ConfigState, { room, look }: ViewProps): readonly string[] {
  const { seen, fault } = state;
  const style = look.capabilities;
  if (fault !== undefined) return [headLine(state, room, look), '', ...paragraph(fault, room, look)];
  if (seen === undefined) return [headLine(state, room, look)];
  if (seen.kind === 'problems') {
    const problems = seen.problems.map(
      (problem) => `line ${problem.line ?? '?'}: ${problem.key}: ${reasonText(problem)}.`,
    );
    return [
      headLine(state, room, look),
      '',
      ...paragraph(
        'The file has problems; what was in force before it was changed still is. Mend it in an editor:',
        room,
        look,
      ),
      ...problems.flatMap((problem) => paragraph(problem, room, look)),
    ];
  }
  const rows = draftRows(seen.config, state.draft);
  const list = listRows(rows);
  const height = settingRows(room);
  const shown = list.slice(state.top, state.top + height).map((one) => {
    if (one.kind === 'section') return ` ${look.theme.paint('strong', `[${one.name}]`)}`;
    return settingLine(one.row, { at: one.index === state.cursor ? 'cursor' : 'else', room, look });
  });
  const row = rows[state.cursor];
  if (style.screenReader) return spokenLines(state, row, room, look);
  const gap = Array.from({ length: Math.max(0, height - shown.length) }, () => '');
  return [headLine(state, room, look), ...shown, ...gap, ...detailLines(state, row, room, look)];
}

const DETAIL_ROWS = 8;
const KEY = 26;

function headLine({ file, draft, mayChange }: ConfigState, { columns }: Size, look: Look): string {
  const count = draft.size === 1 ? '1 change' : `${draft.size} changes`;
  const right =
    mayChange === undefined ? 'only an administrator may change it' : draft.size === 0 ? '' : `${count} not saved`;
  const name = cell(file, Math.max(1, columns - right.length - 3), look.capabilities);
  return ` ${name} ${draft.size === 0 ? right : look.theme.paint('strong', right)}`;
}

function settingLine(row: DraftRow, { at, room, look }: ViewProps & { readonly at: 'cursor' | 'else' }): string {
  const { theme, capabilities } = look;
  const { setting } = row.shown;
  const margin = `${at === 'cursor' ? theme.glyphs.pointer : ' '}${row.changed === 'changed' ? '*' : ' '} `;
  const value = valueText(row);
  const line = `${margin}${cell(setting.key, KEY, capabilities)}${lastCell(value, room.columns - KEY - 3, capabilities)}`;
  return at === 'cursor' ? theme.paint('selected', line) : line;
}

function valueText(row: DraftRow): string {
  const { shown, value, from, changed } = row;
  const { unit } = shown.setting;
  const said = value === '' ? 'not set' : unit === undefined ? drawnValue(row, value) : withUnit(value, unit);
  const was = changed === 'changed' ? `  (was ${shown.value === '' ? 'not set' : drawnValue(row, shown.value)})` : '';
  return `${said}${from === 'default' && value !== '' ? '  default' : ''}${was}`;
}

function withUnit(value: string, unit: string): string {
  return `${value} ${value === '1' ? unit.replace(/s$/, '') : unit}`;
}

function detailLines(state: ConfigState, row: DraftRow | undefined, room: Size, look: Look): readonly string[] {
  if (row === undefined) return [];
  const { theme } = look;
  const { key } = row.shown;
  const { horizontal } = theme.glyphs;
  const title = `${horizontal} ${key} `;
  return [
    `${title}${horizontal.repeat(Math.max(0, room.columns - title.length))}`,
    ...paragraph(row.shown.setting.help, room, look),
    ...paragraph(allowedText(row), room, look),
    ...remarksOf(state, row, room, look),
  ].slice(0, DETAIL_ROWS);
}

function allowedText({ shown: { setting, line } }: DraftRow): string {
  const unit = setting.unit === undefined ? '' : ` ${setting.unit}`;
  const fallback = setting.fallbackText === '' ? 'nothing' : withUnit(setting.fallbackText, setting.unit ?? '').trim();
  return `Allowed: ${setting.allowed}${unit}. Default: ${fallback}. ${line === null ? 'Not in the file.' : `On line ${line}.`}`;
}

/** What does not go together, then what the change means; for a label also how the app shows it. */
function remarksOf(state: ConfigState, row: DraftRow, room: Size, look: Look): readonly string[] {
  const { seen, draft, user } = state;
  if (seen === undefined || seen.kind === 'problems') return [];
  const outcome = drafted(seen.config, draft);
  if (outcome.kind === 'problems') {
    return outcome.texts.flatMap((text) =>
      paragraph(`! ${text}`, room, look).map((line) => look.theme.paint('error', line)),
    );
  }
  const { mode } = outcome.config;
  const labelled = row.shown.key === '2FA' && mode !== undefined && mode.kind !== 'off';
  const app = labelled ? paragraph(`The app shows: ${mode.label}: ${user}`, room, look) : [];
  const before = seen.config.parsed.config;
  const remarks = row.changed === 'changed' ? changeRemarks(row.shown.key, before, outcome.config) : [];
  const lines = remarks
    .map(remarkLine)
    .flatMap(({ tone, text }) =>
      paragraph(text, room, look).map((line) => (tone === 'plain' ? line : look.theme.paint(tone, line))),
    );
  return [...app, ...lines];
}

function paragraph(text: string, { columns }: Size, look: Look): readonly string[] {
  return wrapText(spelledOut(inertText(text, look.capabilities)), columns - 2).map((line) => ` ${line}`);
}

/** Listened to, a form is one setting at a time. */
function spokenLines(state: ConfigState, row: DraftRow | undefined, room: Size, look: Look): readonly string[] {
  if (row === undefined) return [];
  const value = cutText(inertText(valueText(row), look.capabilities), 200, look.capabilities);
  const draft = state.draft.size === 0 ? '' : ` ${state.draft.size} not saved.`;
  return [
    `${row.shown.key}: ${value}.${draft}`,
    ...paragraph(row.shown.setting.help, room, look),
    ...paragraph(allowedText(row), room, look),
    ...remarksOf(state, row, room, look),
  ];
}
