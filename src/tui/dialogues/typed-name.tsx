/** What cannot be undone wants the user's name typed (SPEC §3, §5). Invariant: nothing but that name, and then Enter, goes on. */
import { createStore, type StoreApi, useStore } from 'zustand';
import { nameKey } from '../../core/user.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { dialogueColumns } from '../components/box-lines.ts';
import { drawDialogue } from '../components/dialogue-lines.ts';
import { fieldLines } from '../components/field-lines.ts';
import type { Desk } from '../desk.ts';
import type { Body, Dialogue } from '../dialogue.ts';
import type { FieldView } from '../field.ts';
import { createField } from '../field.ts';
import type { ViewProps } from '../panel.ts';

export type NameQuestion = {
  readonly title: string;
  readonly body: Body;
  readonly name: string;
  /** What is done, in a few words: `deactivate 2FA`. */
  readonly deed: string;
};

type TypedNameState = NameQuestion & { readonly field: FieldView; readonly wrong: 'wrong' | undefined };

/** True where the name was typed. */
export function askForName(desk: Desk, question: NameQuestion): Promise<boolean> {
  return new Promise((resolve) => desk.show(createTypedName(desk, question, resolve)));
}

function createTypedName(desk: Desk, question: NameQuestion, resolve: (typed: boolean) => void): Dialogue {
  const field = createField({ kind: 'text', name: 'name', label: 'User name' });
  const store = createStore<TypedNameState>(() => ({ ...question, field: field.view(), wrong: undefined }));

  function answer(typed: boolean): void {
    desk.hide(dialogue);
    resolve(typed);
  }

  const dialogue: Dialogue = {
    contexts: () => ['typed-name'],
    offers: () => true,
    act(action) {
      if (action === 'no') answer(false);
      else if (action !== 'submit') return;
      else if (nameKey(field.value()) === nameKey(question.name)) answer(true);
      else store.setState({ wrong: 'wrong' });
    },
    typing: () => true,
    type(key) {
      field.type(key);
      store.setState({ field: field.view(), wrong: undefined });
    },
    dismiss: () => answer(false),
    draw: (props) => <TypedNameView store={store} {...props} />,
  };
  return dialogue;
}

function TypedNameView({ store, room, look }: ViewProps & { readonly store: StoreApi<TypedNameState> }) {
  const { title, body, name, deed, field, wrong } = useStore(store);
  const { paint } = look.theme;
  const columns = dialogueColumns(room);
  const asked = wrong
    ? paint('error', inertText(`That is not the name. Type ${name}`, look.capabilities))
    : inertText(`To go on, type the user's name: ${name}`, look.capabilities);
  const foot = [
    asked,
    ...fieldLines([field], { focus: 0, columns, look }),
    '',
    `${paint('key', 'Enter')} Yes, ${deed}   ${paint('key', 'Esc')} No`,
  ];
  const { lines } = drawDialogue({ title, tone: 'warning', body, top: 0, foot }, room, look);
  return <Rows lines={lines} {...room} />;
}
