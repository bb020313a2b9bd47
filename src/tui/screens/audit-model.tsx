/**
 * Audit: the trail from its newest record back. Only what is looked at is read: a window further back when the cursor comes near its
 * end, and for a search as many portions as it takes to fill the window. It changes nothing.
 */
import { createStore } from 'zustand/vanilla';
import { type AuditFilter, auditFilter } from '../../core/audit-filter.ts';
import { toFault } from '../../core/errors.ts';
import type { AuditRecord } from '../../core/node/audit-record.ts';
import type { AuditCursor, AuditPlace } from '../../core/node/audit-trail.ts';
import type { AuditVerification } from '../../core/node/audit-verify.ts';
import type { Key } from '../../terminal/keys.ts';
import type { Desk } from '../desk.ts';
import { tell } from '../dialogues/tell.tsx';
import type { Action } from '../keymap.ts';
import type { OpenScreen } from '../panel.ts';
import { typedIntoInk } from '../typed-into-ink.ts';
import { Watch } from '../watch.tsx';
import { Audit, auditRows } from './audit.tsx';

export type AuditState = {
  /** Those that match, newest first, as far back as was read. */
  readonly rows: readonly AuditRecord[];
  /** Where reading goes on; undefined: the beginning of the trail was reached. */
  readonly next: AuditPlace | undefined;
  readonly search: string;
  readonly searching: 'searching' | undefined;
  /** Another number, another field: its text was set from outside. */
  readonly field: number;
  readonly cursor: number;
  readonly top: number;
  readonly reading: 'reading' | undefined;
  readonly fault: string | undefined;
};

export function openAudit(desk: Desk): OpenScreen {
  const store = createStore<AuditState>(() => ({
    ...{ rows: [], next: undefined, search: '', searching: undefined, field: 0, cursor: 0, top: 0 },
    ...{ reading: 'reading', fault: undefined },
  }));
  const { getState, setState } = store;
  let filter: AuditFilter | undefined;
  let cursor: AuditCursor | undefined;
  /** Goes up with each search: what an earlier one reads is dropped. */
  let search = 0;
  let polling: 'polling' | undefined;
  void begin();

  /** From the end of the trail as it is now. The rows of before stay until the first new ones are there. */
  async function begin(): Promise<void> {
    search += 1;
    const mine = search;
    cursor = undefined;
    setState({ reading: 'reading' });
    await guarded(mine, async () => {
      const end = await desk.facility.audit.end();
      if (search !== mine) return;
      cursor = end.cursor;
      await readBack(mine, end.place, []);
    });
  }

  /** Until there is a window below the cursor. */
  async function readBack(mine: number, from: AuditPlace | undefined, before: readonly AuditRecord[]): Promise<void> {
    let place = from;
    let rows = before;
    do {
      if (place !== undefined) {
        const limit = Math.min(PORTION, MOST_ROWS - rows.length);
        const portion = await desk.facility.audit.before({ place, limit, filter });
        if (search !== mine) return;
        // What was written meanwhile stands before them.
        rows = [...(rows === before && before.length === 0 ? [] : getState().rows), ...portion.records];
        place = portion.next;
      }
      setState({ rows, next: place, fault: undefined });
    } while (place !== undefined && rows.length < wanted());
    setState({ reading: undefined });
  }

  function wanted(): number {
    return Math.min(MOST_ROWS, getState().cursor + WINDOWS_AHEAD * auditRows(desk.room()));
  }

  function readFurther(): void {
    const { reading, next, rows } = getState();
    if (reading !== undefined || next === undefined || rows.length >= wanted()) return;
    setState({ reading: 'reading' });
    const mine = search;
    void guarded(mine, () => readBack(mine, next, rows));
  }

  async function guarded(mine: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (search === mine) setState({ reading: undefined, fault: toFault(thrown).message });
    }
  }

  /** What others have written since. Whoever looks at the newest record goes on doing so; any other stays where it is. */
  async function readNews(): Promise<void> {
    if (polling !== undefined || cursor === undefined) return;
    polling = 'polling';
    const mine = search;
    await guarded(mine, async () => {
      const news = await desk.facility.audit.since(cursor ?? { segment: 1, byte: 0 });
      if (search !== mine) return;
      cursor = news.cursor;
      const more = news.records.filter((record) => filter?.matches(record) ?? true).toReversed();
      const { rows, cursor: at, top, fault } = getState();
      if (fault !== undefined) setState({ fault: undefined });
      if (more.length === 0) return;
      const by = at === 0 ? 0 : more.length;
      // In a list that is not full the new ones find room above.
      const highest = Math.max(0, rows.length + more.length - auditRows(desk.room()));
      setState({ rows: [...more, ...rows], cursor: at + by, top: Math.min(top + by, highest) });
    });
    polling = undefined;
  }

  function moveTo(wish: number): void {
    const { rows, top } = getState();
    const height = auditRows(desk.room());
    const at = Math.max(0, Math.min(wish, rows.length - 1));
    const highest = Math.max(0, rows.length - height);
    const scrolled = at < top ? at : at >= top + height ? at - height + 1 : top;
    setState({ cursor: at, top: Math.min(scrolled, highest) });
    readFurther();
  }

  function setSearch(text: string): void {
    if (text === getState().search) return;
    filter = auditFilter(text);
    setState({ search: text, cursor: 0, top: 0 });
    void begin();
  }

  function dropSearch(): void {
    setState(({ field }) => ({ searching: undefined, field: field + 1 }));
    setSearch('');
  }

  function act(action: Action): void {
    const { cursor: at, rows } = getState();
    const place = placeAfter(action, { at, length: rows.length, page: auditRows(desk.room()) });
    if (place !== undefined) moveTo(place);
    else if (action === 'search') setState({ searching: 'searching' });
    else if (action === 'search-keep') setState({ searching: undefined });
    else if (action === 'search-drop' || action === 'clear') dropSearch();
    else if (action === 'verify') void verify();
  }

  async function verify(): Promise<void> {
    const verified = await desk.act('Verifying the audit trail', () => desk.facility.audit.verify());
    if (verified !== undefined) await tell(desk, noticeOf(verified));
  }

  function type(key: Key): void {
    if (key.kind === 'control' && key.letter === 'u') {
      setState(({ field }) => ({ field: field + 1 }));
      setSearch('');
    }
    const text = typedIntoInk(key);
    if (text !== undefined) desk.typeIntoInk(text);
  }

  const searching = (): boolean => getState().searching !== undefined;
  return {
    id: 'audit',
    title: () => 'Audit',
    contexts: () => (searching() ? ['search'] : ['audit', 'list']),
    offers: (action) => (action === 'clear' ? getState().search !== '' : true),
    act,
    typing: searching,
    type,
    tick: () => void readNews(),
    draw: (props) => <Watch store={store} draw={(state) => <Audit state={state} onSearch={setSearch} {...props} />} />,
  };
}

/** Records asked for at once; a portion is of one segment, so further back it costs one reading of it. */
const PORTION = 500;
const WINDOWS_AHEAD = 3;
/** Whoever looks for something older searches for it, or asks `gatehouse audit list`. */
const MOST_ROWS = 100_000;

/** Where a key of lists leads from `at`; undefined: it is none of them. */
function placeAfter(
  action: Action,
  { at, length, page }: { readonly at: number; readonly length: number; readonly page: number },
): number | undefined {
  switch (action) {
    case 'up':
      return at - 1;
    case 'down':
      return at + 1;
    case 'page-up':
      return at - page;
    case 'page-down':
      return at + page;
    case 'first':
      return 0;
    case 'last':
      return length - 1;
    default:
      return undefined;
  }
}

function noticeOf({ ok, records, firstBroken }: AuditVerification): Parameters<typeof tell>[1] {
  if (ok) {
    const paragraphs = [
      `All ${records} records are whole.`,
      'None was changed, removed, moved or cut off since it was written.',
    ];
    return { title: 'Audit trail', body: { paragraphs } };
  }
  const paragraphs = [
    `THE AUDIT TRAIL IS BROKEN AT RECORD ${firstBroken}.`,
    `The ${records} records before it are whole. Record ${firstBroken} was changed, removed, moved or cut off; nothing from there on proves anything.`,
    'Compare with a backup of the audit folder, and find out who could write there.',
  ];
  return { title: 'Audit trail', tone: 'warning', body: { paragraphs } };
}
