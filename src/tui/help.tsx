/** The help overlay: what the keymap says about the keys that count where it was opened. */
import { createStore, type StoreApi, useStore } from 'zustand';
import { Rows } from '../terminal/rows.tsx';
import { boxLines, dialogueColumns, FRAME_ROWS } from './components/box-lines.ts';
import { scrolled, scrolledLines } from './components/scroll.ts';
import type { HelpSection } from './keymap-text.ts';
import type { Look } from './look.ts';
import type { Panel, Size, ViewProps } from './panel.ts';

type HelpState = { readonly sections: readonly HelpSection[]; readonly top: number };

export function createHelp(from: {
  readonly sections: readonly HelpSection[];
  readonly room: () => Size;
  readonly look: () => Look;
  readonly onClose: () => void;
}): Panel {
  const { sections, room, look, onClose } = from;
  const store = createStore<HelpState>(() => ({ sections, top: 0 }));
  return {
    contexts: () => ['help'],
    offers: () => true,
    act(action) {
      if (action === 'close') return onClose();
      const { length } = helpRows(sections, dialogueColumns(room()), look());
      store.setState(({ top }) => ({ top: scrolled({ top, rows: room().rows - FRAME_ROWS }, action, length) }));
    },
    typing: () => false,
    type() {},
    draw: (props) => <HelpView store={store} {...props} />,
  };
}

function HelpView({ store, room, look }: ViewProps & { readonly store: StoreApi<HelpState> }) {
  const { sections, top } = useStore(store);
  const columns = dialogueColumns(room);
  const rows = room.rows - FRAME_ROWS;
  const lines = scrolledLines(helpRows(sections, columns, look), { top, rows, look, drawn: (line) => line });
  return <Rows lines={boxLines({ title: 'Keys', lines, columns, room, look })} {...room} />;
}

/** Sections one below the other; two rows of keys side by side where there is room. */
function helpRows(sections: readonly HelpSection[], columns: number, look: Look): readonly string[] {
  const { paint } = look.theme;
  return sections.flatMap((section, index) => [
    ...(index === 0 ? [] : ['']),
    paint('strong', section.title),
    ...section.rows.map(
      ({ keys, text }) => `  ${paint('key', keys.padEnd(KEY_COLUMNS))} ${text.slice(0, columns - KEY_COLUMNS - 3)}`,
    ),
  ]);
}

const KEY_COLUMNS = 20;
