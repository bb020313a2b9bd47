/** A log-on as lines: what was answered, what was said, the open question; with the QR code beside it while a phone is paired. PURE. */
import { optionWords } from '../../core/login/wording.ts';
import { fieldText } from '../../terminal/credentials-field-text.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { layOutQr, pairingWords } from '../../terminal/qr-screen.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { Asked, ConversationState } from '../conversation-state.ts';
import type { Look } from '../look.ts';
import type { Size } from '../panel.ts';
import { boxLines, dialogueColumns } from './box-lines.ts';
import { fieldLines } from './field-lines.ts';

export type ConversationText = {
  readonly title: string;
  /** Above the fields: why a log-on is asked. */
  readonly intro: readonly string[];
  /** Below everything: the keys. */
  readonly foot: readonly string[];
};

export function conversationLines(
  state: ConversationState,
  text: ConversationText,
  { room, look }: { readonly room: Size; readonly look: Look },
): readonly string[] {
  if (state.pairing !== undefined) return pairingLines(state, state.pairing, { room, look });
  const columns = Math.min(60, dialogueColumns(room));
  const intro = text.intro.flatMap((line) => wrapText(inertText(line, look.capabilities), columns));
  const lines = [
    ...intro,
    ...(intro.length > 0 ? [''] : []),
    ...questionLines(state, columns, look),
    ...codesLines(state, look),
    ...noticeLines(state, columns, look),
    '',
    ...text.foot,
  ];
  return boxLines({ title: inertText(text.title, look.capabilities), lines, columns, room, look });
}

/** The field stands among the words, so that picture and question fit 22 rows together. */
function pairingLines(
  state: ConversationState,
  { pair, codes, polarity }: NonNullable<ConversationState['pairing']>,
  { room, look }: { readonly room: Size; readonly look: Look },
): readonly string[] {
  const words = (columns: number): readonly string[] => [
    ...pairingWords(pair)(columns),
    '',
    ...wrapText('Then type the code that it shows:', columns),
    ...questionLines(state, columns, look),
    ...noticeLines(state, columns, look),
  ];
  if (codes === undefined) return words(Math.min(room.columns, 60));
  const { capabilities, qr } = look;
  return layOutQr({ codes, setting: qr, capabilities, polarity, room, words }).lines;
}

function questionLines(state: ConversationState, columns: number, look: Look): readonly string[] {
  const { asked } = state;
  const { paint } = look.theme;
  const style = look.capabilities;
  const answered = state.pairing === undefined ? state.answered : [];
  const above = answered.map(({ label, shown }) => {
    const text = shown.secret ? look.theme.glyphs.mask.repeat(Math.min(8, shown.length)) : inertText(shown.text, style);
    return `  ${label.padEnd(LABEL_COLUMNS)}  ${text}`;
  });
  if (asked === undefined) return above;
  switch (asked.kind) {
    case 'waiting':
      return [...above, paint('muted', '  One moment...')];
    case 'choice':
      return [
        ...above,
        ...wrapText(asked.label, columns),
        ...asked.options
          .map(optionWords)
          .map((words, index) =>
            index === asked.selected ? paint('selected', `${look.theme.glyphs.pointer} ${words}`) : `  ${words}`,
          ),
      ];
    case 'field': {
      const view = { name: 'asked', label: asked.label, help: undefined, problem: undefined, shown: asked.shown };
      if (columns < 44) return [...above, ...narrowField(asked, columns, look)];
      const padded = { ...view, label: asked.label.padEnd(LABEL_COLUMNS) };
      return [...above, ...fieldLines([padded], { focus: 0, columns, look })];
    }
  }
}

/** Beside a QR code there is no room for a column of labels. */
function narrowField(asked: Extract<Asked, { kind: 'field' }>, columns: number, look: Look): readonly string[] {
  const { label, shown } = asked;
  const room = Math.max(8, columns - label.length - 2);
  return [`${label}: ${fieldText({ shown, columns: room, theme: look.theme, style: look.capabilities }).text}`];
}

function codesLines({ recoveryCodes }: ConversationState, look: Look): readonly string[] {
  if (recoveryCodes === undefined) return [];
  const half = Math.ceil(recoveryCodes.length / 2);
  const rows = recoveryCodes.slice(0, half).map((code, row) => `  ${code}    ${recoveryCodes[row + half] ?? ''}`);
  return ['', ...rows.map((row) => look.theme.paint('strong', row))];
}

function noticeLines({ notices }: ConversationState, columns: number, look: Look): readonly string[] {
  const lines = notices.flatMap(({ level, text }) =>
    wrapText(inertText(text, look.capabilities), columns).map((line) =>
      level === 'info' ? line : look.theme.paint(level, line),
    ),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

const LABEL_COLUMNS = 18;
