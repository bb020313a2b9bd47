/**
 * Config: a form over config.ini. Changes are gathered and saved together, after a question that says what each of them means; a file
 * that somebody else changed meanwhile is not overwritten. Who is no administrator reads.
 */
import { createStore } from 'zustand/vanilla';
import { type ChangeRemark, changeRemarks, needsRestart } from '../../core/config/change-remarks.ts';
import type { Change } from '../../core/config/edit-many.ts';
import type { Config as Settings } from '../../core/config/model.ts';
import type { Problem } from '../../core/config/problem.ts';
import { shutOutText } from '../../core/directory/shut-out.ts';
import { toFault } from '../../core/errors.ts';
import {
  changesOf,
  type Draft,
  type DraftRow,
  drafted,
  draftRows,
  drawnValue,
  fileDifferences,
  type OrderlyConfig,
  withoutWish,
  withWish,
} from '../config-draft.ts';
import { accepted, type Desk } from '../desk.ts';
import { confirm } from '../dialogues/confirm.tsx';
import { tell } from '../dialogues/tell.tsx';
import type { SeenConfig } from '../facility-desk.ts';
import { changeSetting } from '../flows/change-setting.ts';
import type { Action } from '../keymap.ts';
import type { OpenScreen } from '../panel.ts';
import { Watch } from '../watch.tsx';
import { Config, listRows, settingRows } from './config.tsx';

export type ConfigState = {
  readonly file: string;
  readonly user: string;
  readonly mayChange: 'may' | undefined;
  /** The file as the draft goes by it. */
  readonly seen:
    | { readonly kind: 'config'; readonly config: OrderlyConfig }
    | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
    | undefined;
  /** Why it cannot be read. */
  readonly fault: string | undefined;
  readonly draft: Draft;
  /** Index of a setting. */
  readonly cursor: number;
  /** Index of the first row shown. */
  readonly top: number;
};

export function openConfig(desk: Desk): OpenScreen {
  const { configFile } = desk.facility;
  const store = createStore<ConfigState>(() => ({
    ...{ file: configFile.file, user: desk.signedIn()?.name ?? '', mayChange: mayChange() },
    ...{ seen: undefined, fault: undefined, draft: new Map(), cursor: 0, top: 0 },
  }));
  const { getState, setState } = store;
  read();

  function mayChange(): 'may' | undefined {
    return desk.may('manage-facility') ? 'may' : undefined;
  }

  /** While something is changed here, the file is looked at again when it is saved. */
  function read(): void {
    if (getState().draft.size > 0) return;
    try {
      adopt(configFile.read());
    } catch (thrown) {
      setState({ seen: undefined, fault: toFault(thrown).message });
    }
  }

  function adopt({ source, parsed }: SeenConfig): void {
    const { seen } = getState();
    if (seen?.kind === 'config' && seen.config.source === source) return;
    if (parsed.kind === 'problems')
      setState({ seen: { kind: 'problems', problems: parsed.problems }, fault: undefined });
    else setState({ seen: { kind: 'config', config: { source, parsed } }, fault: undefined });
  }

  function orderly(): OrderlyConfig | undefined {
    const { seen } = getState();
    return seen?.kind === 'config' ? seen.config : undefined;
  }

  function rowAtCursor(): DraftRow | undefined {
    const config = orderly();
    return config === undefined ? undefined : draftRows(config, getState().draft)[getState().cursor];
  }

  function moveBy(by: number): void {
    const config = orderly();
    if (config === undefined) return;
    const rows = draftRows(config, getState().draft);
    const cursor = Math.max(0, Math.min(getState().cursor + by, rows.length - 1));
    setState(({ top }) => ({ cursor, top: topFor(rows, { cursor, top, height: settingRows(desk.room()) }) }));
  }

  function wish(key: string, value: string | null): void {
    const config = orderly();
    if (config !== undefined) setState(({ draft }) => ({ draft: withWish(draft, config, { key, value }) }));
  }

  async function change(row: DraftRow, config: OrderlyConfig): Promise<void> {
    const { key } = row.shown;
    const value = await changeSetting(desk, {
      row,
      user: getState().user,
      before: config.parsed.config,
      drafted: (typed) => drafted(config, withWish(getState().draft, config, { key, value: typed.trim() })),
    });
    if (value !== undefined) wish(key, value.trim());
  }

  async function save(config: OrderlyConfig): Promise<void> {
    const { draft } = getState();
    const outcome = drafted(config, draft);
    if (outcome.kind === 'problems') {
      desk.refuse({ text: outcome.texts.join(' '), hint: 'Nothing was saved.' });
      return;
    }
    const changes = changesOf(draft);
    const remarks = changes.flatMap(({ key }) => changeRemarks(key, config.parsed.config, outcome.config));
    const shutOut = await adminsShutOut(changes, outcome.config);
    const loud = [...shutOut, ...remarks.filter(({ level }) => level !== 'note')];
    const changed = draftRows(config, draft).filter((row) => row.changed === 'changed');
    const yes = await confirm(desk, {
      title: 'Save config.ini',
      tone: loud.length > 0 ? 'warning' : 'plain',
      body: {
        paragraphs: [...loud, ...remarks.filter(({ level }) => level === 'note')].map(({ text }) => text),
        // Side by side the end of a label, where LIVE and ACCEPTANCE stand, would not fit.
        list: changed.flatMap((row) => [
          row.shown.key,
          `was ${saidOf(row, row.shown.value)}`,
          `now ${saidOf(row, row.value)}`,
        ]),
      },
      deed: `save ${changes.length === 1 ? 'this change' : `these ${changes.length} changes`}`,
    });
    if (yes) await write(config, draft);
  }

  async function adminsShutOut(changes: readonly Change[], after: Settings): Promise<readonly ChangeRemark[]> {
    if (!changes.some(({ key }) => key === '2FA' || key === 'Login.AutoPairingWithinDays')) return [];
    // Where the database cannot be read, the change is refused a moment later.
    const admins = await desk.directory.users({ role: 'admin' }).catch(() => []);
    const text = shutOutText(admins, after, desk.clock.now());
    return text === undefined ? [] : [{ level: 'danger', text }];
  }

  async function write(config: OrderlyConfig, draft: Draft): Promise<void> {
    const changes = changesOf(draft);
    const saved = accepted(
      desk,
      await desk.act('Saving', (actor) => configFile.save(actor, { seen: config.source, changes })),
    );
    if (saved === undefined) return;
    switch (saved.kind) {
      case 'saved': {
        setState({ draft: new Map() });
        adopt(saved);
        const later = changes.filter(({ key }) => needsRestart(key)).map(({ key }) => key);
        const restart = later.length === 0 ? '' : ` ${later.join(', ')}: once console and server are started again.`;
        desk.tell(`Saved; comments and order are as they were.${restart}`);
        return;
      }
      case 'problems':
        desk.refuse({ text: saved.problems.map(({ key, wrong, right }) => `${key}: ${wrong}; ${right}.`).join(' ') });
        return;
      case 'changed-meanwhile':
        await overtaken(config);
        return;
    }
  }

  /** What was changed here stays; what the others did is said, and saving once more is a decision. */
  async function overtaken(before: OrderlyConfig): Promise<void> {
    adopt(configFile.read());
    const now = orderly();
    const differences = now === undefined ? ['It has problems now.'] : fileDifferences(before, now);
    if (now !== undefined) {
      const kept = changesOf(getState().draft).reduce<Draft>((draft, one) => withWish(draft, now, one), new Map());
      setState({ draft: kept });
    }
    await tell(desk, {
      title: 'Changed meanwhile',
      tone: 'warning',
      body: {
        paragraphs: [
          'Somebody else changed config.ini while this form was open. Nothing of yours is saved yet.',
          'Your changes are still in the form; save again if they still hold.',
        ],
        list: differences.length === 0 ? ['Comments alone were changed.'] : differences,
      },
    });
  }

  function act(action: Action): void {
    const page = settingRows(desk.room());
    const row = rowAtCursor();
    const config = orderly();
    const step = STEPS[action]?.(page);
    if (step !== undefined) moveBy(step);
    else if (row === undefined || config === undefined) return;
    // `read`: what is offered may be other when it is over.
    else if (action === 'change') desk.read(() => change(row, config));
    else if (action === 'default') wish(row.shown.key, null);
    else if (action === 'undo') setState(({ draft }) => ({ draft: withoutWish(draft, row.shown.key) }));
    else if (action === 'save') desk.read(() => save(config));
  }

  function offers(action: Action): boolean {
    const row = rowAtCursor();
    if (action in STEPS) return true;
    if (row === undefined || mayChange() === undefined) return false;
    switch (action) {
      case 'change':
        return true;
      case 'default':
        // Without a mode nobody gets in: that is no default to go back to.
        return row.from === 'file' && row.shown.setting.kind !== 'mode';
      case 'undo':
        return row.changed === 'changed';
      case 'save':
        return getState().draft.size > 0;
      default:
        return false;
    }
  }

  return {
    id: 'config',
    title: () => 'Config',
    contexts: () => ['config', 'list'],
    offers,
    act,
    typing: () => false,
    type() {},
    tick() {
      setState({ mayChange: mayChange() });
      read();
    },
    /** The address of a database may hold a password. */
    forget: () => setState(({ draft }) => ({ draft: withoutWish(draft, 'Store.Url') })),
    unsaved() {
      const { size } = getState().draft;
      if (size === 0) return undefined;
      return `${size === 1 ? 'One change of config.ini is' : `${size} changes of config.ini are`} not saved.`;
    },
    draw: (props) => <Watch store={store} draw={(state) => <Config state={state} {...props} />} />,
  };
}

const STEPS: Partial<Readonly<Record<Action, (page: number) => number>>> = {
  up: () => -1,
  down: () => 1,
  'page-up': (page) => -page,
  'page-down': (page) => page,
  first: () => Number.NEGATIVE_INFINITY,
  last: () => Number.POSITIVE_INFINITY,
};

/** The window moves as far as it must; the heading above the first setting of a section is in sight with it. */
function topFor(
  rows: readonly DraftRow[],
  { cursor, top, height }: { readonly cursor: number; readonly top: number; readonly height: number },
): number {
  const list = listRows(rows);
  const at = list.findIndex((row) => row.kind === 'setting' && row.index === cursor);
  const from = list[at - 1]?.kind === 'section' ? at - 1 : at;
  if (from < top) return from;
  return at >= top + height ? at - height + 1 : top;
}

function saidOf(row: DraftRow, value: string): string {
  return value === '' ? 'nothing' : `"${drawnValue(row, value)}"`;
}
