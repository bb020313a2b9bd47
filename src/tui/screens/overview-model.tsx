/** Overview: the state of the whole facility, and what needs fixing. It changes nothing; the health checks leave a record. */
import { createStore } from 'zustand/vanilla';
import { auditFilter } from '../../core/audit-filter.ts';
import { type ClockReading, hostClock } from '../../core/clock-drift.ts';
import type { Mode } from '../../core/config/model.ts';
import { toFault } from '../../core/errors.ts';
import type { AuditCursor, AuditPlace } from '../../core/node/audit-trail.ts';
import type { Check } from '../../core/node/doctor-check.ts';
import type { TwoFactorState } from '../../core/two-factor.ts';
import type { EpochMs } from '../../core/user.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { dialogueColumns } from '../components/box-lines.ts';
import type { Desk } from '../desk.ts';
import { tell } from '../dialogues/tell.tsx';
import type { Action } from '../keymap.ts';
import { DAY_MS, type LogOnTally, withRecords } from '../log-on-tally.ts';
import { createPeopleTally, type Named, type People } from '../overview-people.ts';
import { overdueOf, type Warning, warningsOf } from '../overview-warnings.ts';
import type { OpenScreen } from '../panel.ts';
import { spelledOut } from '../text-cell.ts';
import { Watch } from '../watch.tsx';
import { Overview } from './overview.tsx';

export type OverviewState = {
  readonly mode: Mode | undefined;
  /** Undefined until they are counted. */
  readonly counts: Readonly<Record<TwoFactorState, number>> | undefined;
  readonly logOns: LogOnTally;
  /** How far the audit trail was read, or why it could not be. */
  readonly trail: 'reading' | 'read' | string;
  /** Undefined until everybody was looked at. */
  readonly warnings: readonly Warning[] | undefined;
  readonly now: EpochMs;
};

export function openOverview(desk: Desk): OpenScreen {
  const store = createStore<OverviewState>(() => ({
    mode: desk.config().mode,
    counts: undefined,
    logOns: new Map(),
    trail: 'reading',
    warnings: undefined,
    now: desk.clock.now(),
  }));
  let people: People | undefined;
  let overdue: Named = { count: 0, names: [] };
  /** People are looked at again at the next tick. */
  let stale: 'stale' | undefined;
  let clock: ClockReading | undefined;
  /** The codes are looked at again then. */
  let clockUntil = 0;
  let cursor: AuditCursor | undefined;
  let reading: 'reading' | undefined;
  /** Goes up when the screen is left: what was begun before is not gone on with. */
  let visit = 0;

  desk.read(count);
  void readTrail();

  async function count(): Promise<void> {
    const { counts } = await desk.directory.status();
    store.setState({ counts });
    const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
    // Going through very many holds up whoever is on the way to another screen: that can wait a moment.
    if (total > MANY) stale = 'stale';
    else await lookAtPeople(counts.required);
  }

  async function lookAtPeople(required: number): Promise<void> {
    stale = undefined;
    const now = desk.clock.now();
    const tally = createPeopleTally(now);
    await desk.directory.visitUsers((user) => tally.add(user));
    people = tally.people();
    overdue =
      required === 0 || required > MANY
        ? { count: 0, names: [] }
        : overdueOf(await desk.directory.users({ state: 'required' }), now);
    warn();
  }

  function warn(): void {
    const {
      mode,
      store: { engine },
    } = desk.config();
    const trouble = desk.facility.configFile.trouble();
    const warnings = warningsOf({ mode, engine, trouble, people, overdue, clock });
    store.setState({ mode, warnings: people === undefined && warnings.length === 0 ? undefined : warnings });
  }

  /** From its end back over a day, then what is new. One reading at a time; what breaks is said in its place. */
  async function readTrail(): Promise<void> {
    if (reading !== undefined) return;
    reading = 'reading';
    const began = visit;
    try {
      if (cursor === undefined) {
        const end = await desk.facility.audit.end();
        store.setState({ logOns: new Map() });
        if (await readDay(end.place, began)) cursor = end.cursor;
      } else {
        const news = await desk.facility.audit.since(cursor);
        cursor = news.cursor;
        count24(news.records);
      }
      if (cursor !== undefined) store.setState({ trail: 'read' });
      if (desk.clock.now() >= clockUntil) await readClock();
    } catch (thrown) {
      store.setState({ trail: toFault(thrown).message });
    } finally {
      reading = undefined;
    }
  }

  async function readClock(): Promise<void> {
    clockUntil = desk.clock.now() + CLOCK_MS;
    clock = hostClock(await desk.facility.audit.codeMatches());
    warn();
  }

  /** False where the screen was left on the way. */
  async function readDay(end: AuditPlace, began: number): Promise<boolean> {
    const since = desk.clock.now() - DAY_MS;
    let place: AuditPlace | undefined = end;
    while (place !== undefined) {
      const portion = await desk.facility.audit.before({ place, limit: PORTION, filter: LOG_ONS });
      if (visit !== began) return false;
      count24(portion.records);
      const oldest = portion.records.at(-1);
      place = oldest !== undefined && Date.parse(oldest.at) < since ? undefined : portion.next;
    }
    return true;
  }

  function count24(records: Parameters<typeof withRecords>[1]): void {
    if (records.length > 0)
      store.setState(({ logOns }) => ({ logOns: withRecords(logOns, records, desk.clock.now()) }));
  }

  async function examine(): Promise<void> {
    const checks = await desk.act('Looking the facility over', (actor) => desk.facility.examine(actor));
    if (checks === undefined) return;
    await tell(desk, {
      title: 'Doctor',
      body: {
        paragraphs: [summaryOf(checks)],
        list: checks.flatMap((check) => indented(checkText(check), { first: '', rest: '     ' })),
      },
    });
  }

  function showWarnings(): void {
    const warnings = store.getState().warnings ?? [];
    const list = warnings.flatMap(({ text, mend }) => [
      ...indented(text, { first: '! ', rest: '  ' }),
      ...indented(mend, { first: '    ', rest: '    ' }),
      '',
    ]);
    void tell(desk, {
      title: 'To mend',
      body: warnings.length === 0 ? { paragraphs: ['Nothing.'] } : { paragraphs: [], list },
    });
  }

  /** As lines of a dialogue. */
  function indented(
    text: string,
    { first, rest }: { readonly first: string; readonly rest: string },
  ): readonly string[] {
    const plain = spelledOut(inertText(text, desk.look().capabilities));
    const lines = wrapText(plain, dialogueColumns(desk.room()) - rest.length);
    return lines.map((line, index) => `${index === 0 ? first : rest}${line}`);
  }

  function act(action: Action): void {
    if (action === 'examine') void examine();
    else if (action === 'show-warnings') showWarnings();
  }

  return {
    id: 'overview',
    title: () => 'Overview',
    contexts: () => ['overview'],
    offers: (action) => (action === 'examine' ? desk.may('manage-facility') : action === 'show-warnings'),
    act,
    typing: () => false,
    type() {},
    tick(now) {
      store.setState({ now });
      warn();
      void readTrail();
      if (stale !== undefined) desk.read(() => lookAtPeople(store.getState().counts?.required ?? 0));
    },
    forget() {
      visit += 1;
    },
    refresh: count,
    draw: (props) => <Watch store={store} draw={(state) => <Overview state={state} {...props} />} />,
  };
}

const CLOCK_MS = 60_000;
const MANY = 5000;
const PORTION = 2000;
const LOG_ONS = auditFilter('login.');

function summaryOf(checks: readonly Check[]): string {
  const failed = checks.filter(({ level }) => level === 'fail').length;
  const advice = checks.filter(({ level }) => level === 'warn').length;
  if (failed > 0) return `${failed} of ${checks.length} checks failed.`;
  return advice > 0 ? `Nothing failed; ${advice} of ${checks.length} checks have advice.` : 'Everything is in order.';
}

function checkText({ name, level, text }: Check): string {
  return `${LEVEL_WORDS[level]} ${name}: ${text}`;
}

const LEVEL_WORDS: Readonly<Record<Check['level'], string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };
