/** The QR code with its words: which account it is for, the key to type, and how long it stays. */

import type { QrPolarity } from '../../terminal/qr-picture.ts';
import { layOutQr, pairingWords } from '../../terminal/qr-screen.ts';
import { Rows } from '../../terminal/rows.tsx';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { ViewProps } from '../panel.ts';
import type { QrState } from './qr-model.tsx';

export function Qr({ state, room, look }: ViewProps & { readonly state: QrState }) {
  return <Rows lines={qrScreenOf(state, { room, look }).lines} {...room} />;
}

export function qrScreenOf(
  state: QrState,
  { room, look }: ViewProps,
): { readonly lines: readonly string[]; readonly polarities: readonly QrPolarity[] } {
  const { shown, user, label, polarity, secondsLeft } = state;
  if (shown === undefined) {
    const text = 'The QR code was on the screen long enough. Go back, and show it again where it is still needed.';
    return { lines: wrapText(text, room.columns), polarities: [] };
  }
  const words = (columns: number): readonly string[] => [
    ...pairingWords({ label, user, key: shown.key })(columns),
    '',
    ...wrapText(SECRET_TEXT[state.secret], columns),
    '',
    ...wrapText(`Blanked in ${secondsLeft} s.`, columns).map((line) => look.theme.paint('muted', line)),
  ];
  const { capabilities, qr } = look;
  return layOutQr({ codes: shown.codes, setting: qr, capabilities, polarity, room, words });
}

const SECRET_TEXT: Readonly<Record<QrState['secret'], string>> = {
  new: 'A new secret: the user logs on with it once to be paired.',
  same: 'The same secret as before: one more device for the same account.',
};
