/**
 * A form of a few fields. Enter sends all of it, as on a 5250; what is wrong is said and the form stays. Secrets are read from
 * their fields when it is sent and wiped when it closes.
 */
import { createStore, type StoreApi, useStore } from 'zustand';
import { inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import type { Tone } from '../../terminal/theme.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { boxLines, dialogueColumns } from '../components/box-lines.ts';
import { fieldLines, fieldRemarks } from '../components/field-lines.ts';
import type { DialogueDesk } from '../desk.ts';
import type { Dialogue } from '../dialogue.ts';
import { createField, type Field, type FieldSpec, type FieldView } from '../field.ts';
import type { Action } from '../keymap.ts';
import type { Look } from '../look.ts';
import type { ViewProps } from '../panel.ts';
import { spelledOut } from '../text-cell.ts';

/** What the fields hold, by their names. */
export type Values = Readonly<Record<string, string>>;

export type FormSpec = {
  readonly title: string;
  readonly intro?: string;
  /** Which fields there are may hang on what others hold. */
  readonly fields: (values: Values) => readonly FieldSpec[];
  /** Below the fields: what comes of what they hold now. Not inert. */
  readonly preview?: (values: Values) => readonly PreviewLine[];
  /** What Enter does, in a word or two: `Add`. */
  readonly deed: string;
  /** `done` closes the form; a sentence stays under it. */
  readonly send: (values: Values) => Promise<'done' | string>;
};

export type PreviewLine = { readonly tone: Tone | 'plain'; readonly text: string };

type FormState = {
  readonly title: string;
  readonly intro: string | undefined;
  readonly deed: string;
  readonly fields: readonly FieldView[];
  readonly preview: readonly PreviewLine[];
  readonly focus: number;
  readonly problem: string | undefined;
  readonly sending: 'sending' | undefined;
};

/** Resolves to `given-up` where the form was left without being sent. */
export function fillIn(desk: DialogueDesk, spec: FormSpec): Promise<'sent' | 'given-up'> {
  return new Promise((resolve) => desk.show(createForm(desk, spec, resolve)));
}

function createForm(desk: DialogueDesk, spec: FormSpec, resolve: (end: 'sent' | 'given-up') => void): Dialogue {
  const made = new Map<string, Field>();
  let open = true;
  /** Another one where it was sent and came back. */
  let question = {};
  const { title, intro, deed } = spec;
  const store = createStore<FormState>(() => ({
    ...{ title, intro, deed, focus: 0, problem: undefined, sending: undefined },
    fields: fields().map((field) => field.view()),
    preview: preview(fields()),
  }));

  /** Those there are now; a field that comes and goes keeps what was typed. */
  function fields(): readonly Field[] {
    let values: Values = {};
    const specs = (): readonly FieldSpec[] => spec.fields(values);
    // A choice may bring further fields, which may be choices themselves.
    for (let count = -1; count !== specs().length; ) {
      count = specs().length;
      values = Object.fromEntries(specs().map((one) => [one.name, fieldOf(one).value()]));
    }
    return specs().map(fieldOf);
  }

  function fieldOf(one: FieldSpec): Field {
    const field = made.get(one.name) ?? createField(one);
    made.set(one.name, field);
    return field;
  }

  /** Secrets are none of its business. */
  function preview(now: readonly Field[]): readonly PreviewLine[] {
    const open = now.filter((field) => field.spec.kind !== 'secret');
    return spec.preview?.(Object.fromEntries(open.map((field) => [field.spec.name, field.value()]))) ?? [];
  }

  function redraw(): void {
    const now = fields();
    store.setState((state) => ({
      fields: now.map((field) => field.view()),
      preview: preview(now),
      focus: Math.min(state.focus, now.length - 1),
      problem: undefined,
    }));
  }

  function close(end: 'sent' | 'given-up'): void {
    if (!open) return;
    open = false;
    for (const field of made.values()) field.wipe();
    store.setState({ fields: fields().map((field) => field.view()), preview: [] });
    desk.hide(dialogue);
    resolve(end);
  }

  async function send(): Promise<void> {
    const now = fields();
    const wrong = now.findIndex((field) => field.view().problem !== undefined);
    if (wrong >= 0) {
      store.setState({ focus: wrong, problem: now[wrong]?.view().problem });
      return;
    }
    store.setState({ sending: 'sending', problem: undefined });
    const answer = await spec.send(Object.fromEntries(now.map((field) => [field.spec.name, field.value()])));
    question = {};
    store.setState({ sending: undefined });
    if (answer === 'done') close('sent');
    else store.setState({ problem: answer === '' ? undefined : answer });
  }

  function act(action: Action): void {
    const { focus, sending } = store.getState();
    if (sending !== undefined && action !== 'cancel') return;
    const count = fields().length;
    switch (action) {
      case 'next-field':
        store.setState({ focus: (focus + 1) % count });
        return;
      case 'previous-field':
        store.setState({ focus: (focus - 1 + count) % count });
        return;
      case 'next-choice':
        fields()[focus]?.choose(1);
        redraw();
        return;
      case 'previous-choice':
        fields()[focus]?.choose(-1);
        redraw();
        return;
      case 'submit':
        void send();
        return;
      case 'cancel':
        close('given-up');
        return;
      default:
    }
  }

  const dialogue: Dialogue = {
    contexts: () => ['form'],
    question: () => question,
    offers: () => true,
    act,
    typing: () => true,
    type(key) {
      const { focus, sending } = store.getState();
      if (sending !== undefined) return;
      fields()[focus]?.type(key);
      redraw();
    },
    forget: () => close('given-up'),
    dismiss: () => close('given-up'),
    draw: (props) => <FormView store={store} {...props} />,
  };
  return dialogue;
}

function FormView({ store, room, look }: ViewProps & { readonly store: StoreApi<FormState> }) {
  const state = useStore(store);
  return <Rows lines={formLines(state, { room, look })} {...room} />;
}

function formLines(state: FormState, { room, look }: ViewProps): readonly string[] {
  const columns = dialogueColumns(room);
  const { paint } = look.theme;
  const intro = state.intro === undefined ? [] : [...wrapText(inertText(state.intro, look.capabilities), columns), ''];
  const field = state.fields[state.focus];
  const remark = field === undefined ? undefined : { ...field, problem: state.problem ?? field.problem };
  const foot =
    state.sending === undefined
      ? `${paint('key', 'Enter')} ${state.deed}   ${paint('key', 'Esc')} Cancel`
      : 'One moment...';
  const lines = [
    ...intro,
    ...fieldLines(state.fields, { focus: state.focus, columns, look }),
    ...apart(fieldRemarks(remark, columns, look)),
    ...apart(previewLines(state.preview, columns, look)),
    '',
    foot,
  ];
  return boxLines({ title: inertText(state.title, look.capabilities), lines, columns, room, look });
}

function previewLines(preview: readonly PreviewLine[], columns: number, look: Look): readonly string[] {
  return preview.flatMap(({ tone, text }) => {
    const indent = /^ */.exec(text)?.[0] ?? '';
    const plain = spelledOut(inertText(text.trim(), look.capabilities));
    return wrapText(plain, columns - indent.length).map(
      (line) => `${indent}${tone === 'plain' ? line : look.theme.paint(tone, line)}`,
    );
  });
}

/** With a row above, where there is anything. */
function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
