/** The audit trail as a table, newest first, with everything about the record at the cursor below it. */

import { Box, Text } from 'ink';
import { stepsOffText } from '../../core/clock-drift.ts';
import type { AuditRecord } from '../../core/node/audit-record.ts';
import type { AuditPlace } from '../../core/node/audit-trail.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { EVENT_WORDS, FINDING_WORDS } from '../audit-words.ts';
import { PlainField } from '../components/plain-field.tsx';
import type { Look } from '../look.ts';
import type { Size, ViewProps } from '../panel.ts';
import { cell, lastCell } from '../text-cell.ts';
import type { AuditState } from './audit-model.tsx';

/** Records that this room shows at once. */
export function auditRows(room: Size): number {
  return Math.max(1, room.rows - ROWS_ABOVE - detailRows(room));
}

export function Audit({
  state,
  onSearch,
  room,
  look,
}: ViewProps & { readonly state: AuditState; readonly onSearch: (search: string) => void }) {
  const lines = auditLines(state, { room, look });
  const below = { columns: room.columns, rows: room.rows - 1 };
  if (state.searching === undefined)
    return <Rows lines={[statusLine(state, room.columns, look), ...lines]} {...room} />;
  return (
    <Box flexDirection="column" width={room.columns} height={room.rows}>
      <Box height={1}>
        <Text> /</Text>
        <PlainField
          key={state.field}
          value={state.search}
          onChange={onSearch}
          columns={Math.min(40, room.columns - 36)}
          look={look}
        />
        <Text wrap="truncate-end">{` ${countText(state)}`}</Text>
      </Box>
      <Rows lines={lines} {...below} />
    </Box>
  );
}

/** Everything below the first row. */
export function auditLines(state: AuditState, { room, look }: ViewProps): readonly string[] {
  if (look.capabilities.screenReader) return spokenLines(state, look);
  const { rows, top, cursor } = state;
  const height = auditRows(room);
  const shown = rows.slice(top, top + height).map((record, index) => {
    const line = `${top + index === cursor ? look.theme.glyphs.pointer : ' '} ${rowText(record, room.columns - 2, look)}`;
    return top + index === cursor ? look.theme.paint('selected', line) : line;
  });
  const body = shown.length > 0 ? shown : [`  ${emptyText(state)}`];
  const gap = Array.from({ length: Math.max(0, height - body.length) }, () => '');
  return [headLine(room.columns, look), ...body, ...gap, ...detailLines(rows[cursor], room, look)];
}

const ROWS_ABOVE = 2;
const DETAIL_ROWS = 6;

function detailRows(room: Size): number {
  return room.rows >= 18 ? DETAIL_ROWS : 0;
}

const TIME = 19;
const EVENT = 22;
const USER = 16;

/** From so many columns on there is room for who, where and how beside the user. */
const WIDE_COLUMNS = 76;

function headLine(columns: number, look: Look): string {
  const user = columns < WIDE_COLUMNS ? 'User' : `${'User'.padEnd(USER)} By, where, how`;
  return look.theme.paint('strong', `  ${'Time (UTC)'.padEnd(TIME)} ${'Event'.padEnd(EVENT)} ${user}`);
}

function rowText(record: AuditRecord, columns: number, look: Look): string {
  const style = look.capabilities;
  const { actor, user, terminal, detail, count } = record;
  const rest = [
    actor === undefined || actor === user ? '' : `by ${actor}`,
    terminal === undefined ? '' : `at ${terminal}`,
    detail ?? '',
    count === undefined ? '' : `(${count})`,
  ].filter((text) => text !== '');
  const first = [cell(secondText(record), TIME, style), cell(record.event, EVENT, style)];
  if (columns + 2 < WIDE_COLUMNS) {
    return [...first, lastCell(user ?? '', Math.max(1, columns - TIME - EVENT - 2), style)].join(' ');
  }
  const cells = [
    ...first,
    cell(user ?? '', USER, style),
    lastCell(rest.join(' '), Math.max(1, columns - TIME - EVENT - USER - 3), style),
  ];
  return cells.join(' ');
}

/** `at` is ISO 8601 where nobody tampered with it. */
function secondText({ at }: AuditRecord): string {
  return at.slice(0, 19).replace('T', ' ');
}

function detailLines(record: AuditRecord | undefined, room: Size, look: Look): readonly string[] {
  if (detailRows(room) === 0) return [];
  const { horizontal } = look.theme.glyphs;
  if (record === undefined) return [horizontal.repeat(room.columns)];
  const style = look.capabilities;
  const title = `${horizontal} Record ${record.seq} `;
  const half = Math.floor((room.columns - 2) / 2);
  const fact = (label: string, text: string | undefined, columns: number): string =>
    `${look.theme.paint('muted', label.padEnd(LABEL))}${cell(text ?? '-', columns - LABEL, style)}`;
  const last = (label: string, text: string | undefined): string =>
    `${look.theme.paint('muted', label.padEnd(LABEL))}${lastCell(text ?? '-', half - LABEL, style)}`;
  const words = [EVENT_WORDS[record.event], record.found === undefined ? '' : FINDING_WORDS[record.found]];
  return [
    `${title}${horizontal.repeat(Math.max(0, room.columns - title.length))}`,
    ` ${look.theme.paint('strong', cutText(words.join(' ').trim(), room.columns - 2, style))}`,
    ` ${fact('Time', record.at, half)}${last('Event', record.event)}`,
    ` ${fact('User', record.user, half)}${last('Done by', record.actor)}`,
    ` ${fact('How', record.detail, half)}${last('Terminal', record.terminal)}`,
    ` ${fact('Count', record.count === undefined ? undefined : String(record.count), half)}${last('Code', record.stepsOff === undefined ? undefined : stepsOffText(record.stepsOff))}`,
  ];
}

const LABEL = 10;

function statusLine(state: AuditState, columns: number, look: Look): string {
  const { search, fault } = state;
  const style = look.capabilities;
  if (fault !== undefined) return ` ${look.theme.paint('error', cutText(inertText(fault, style), columns - 2, style))}`;
  const sought = search === '' ? '' : `   ${look.theme.paint('strong', `/${lastCell(search, columns - 40, style)}`)}`;
  return ` ${countText(state)}${sought}`;
}

/** A search of a long trail says how far it is; a list, whether there is more. */
function countText({ rows, next, reading, search }: AuditState): string {
  const records = `${rows.length}${next === undefined ? '' : '+'} ${rows.length === 1 ? 'record' : 'records'}`;
  if (reading !== undefined && rows.length === 0 && next === undefined) return 'reading';
  if (reading === undefined || next === undefined)
    return search === '' ? `${records}, newest first` : `${records} found`;
  return search === '' ? `${records}, reading` : `${records} found, looking back, at ${placeText(next)}`;
}

/** The number of a record in files, a day in a table. */
function placeText(place: AuditPlace): string {
  if ('at' in place) return new Date(place.at).toISOString().slice(0, 10);
  return String(Number.isFinite(place.lines) ? place.segment + place.lines - 1 : place.segment);
}

function emptyText({ reading, search, next }: AuditState): string {
  if (reading !== undefined || next !== undefined) return search === '' ? 'Reading...' : 'Looking further back...';
  return search === '' ? 'Nothing was recorded yet.' : 'No record is like that. Esc drops the search.';
}

/** Listened to, a table is one row at a time. */
function spokenLines(state: AuditState, look: Look): readonly string[] {
  const record = state.rows[state.cursor];
  if (record === undefined) return [emptyText(state)];
  const say = (text: string): string => inertText(text, look.capabilities);
  const told = (label: string, text: string | undefined): string =>
    text === undefined ? '' : ` ${label} ${say(text)}.`;
  const { user, actor, terminal, detail } = record;
  return [
    `Record ${record.seq}, ${secondText(record)} UTC. ${EVENT_WORDS[record.event]}`,
    `${told('User', user)}${told('Done by', actor)}${told('Terminal', terminal)}${told('How:', detail)}`.trim(),
  ];
}
