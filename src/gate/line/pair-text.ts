/** What a person needs to pair a phone, as lines: with the QR code where the terminal can show it, always with the key. */
import type { Config } from '../../core/config/model.ts';
import type { Pair } from '../../core/login/message.ts';
import type { TerminalCapabilities } from '../../terminal/capabilities.ts';
import { type QrCodes, qrCodes } from '../../terminal/qr-matrix.ts';
import { layOutQr, pairingWords } from '../../terminal/qr-screen.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { PlainText } from './plain-text.ts';

/** Without a picture and without a control sequence, for whatever there is. */
export function pairText(pair: Pair, plain: PlainText): readonly string[] {
  return [
    'Pair your phone: in Google Authenticator or another TOTP app, add an account by a setup key.',
    `  Account: ${plain(pair.user)}`,
    `  System:  ${plain(pair.label)}`,
    `  Key:     ${pair.key}`,
    '  Type of key: time based',
    'Then type the code that the app shows.',
  ];
}

/** A pairing and its QR codes, which take some milliseconds to make. */
export type PairView = { readonly pair: Pair; readonly codes: QrCodes };

export async function pairView(pair: Pair): Promise<PairView> {
  return { pair, codes: await qrCodes(pair.uri) };
}

/** For a window: never more rows than it has left, for what scrolls off could be scrolled back to. */
export function pairLines(from: {
  readonly view: PairView;
  readonly plain: PlainText;
  readonly capabilities: TerminalCapabilities;
  readonly setting: Config['terminal']['qr'];
  /** Rows that notices and the question need. */
  readonly rowsBeneath: number;
}): readonly string[] {
  const { view, plain, capabilities, setting, rowsBeneath } = from;
  const { pair, codes } = view;
  const { columns } = capabilities;
  const rows = capabilities.rows - rowsBeneath;
  const words = pairText(pair, plain).flatMap((line) => wrapText(line, columns));
  if (capabilities.screenReader) return words;
  const { lines } = layOutQr({
    codes,
    setting,
    capabilities,
    room: { columns, rows },
    words: pairingWords({ label: plain(pair.label), user: plain(pair.user), key: pair.key }),
  });
  if (lines.length <= rows) return lines;
  return words.length <= rows ? words : [`Key: ${pair.key}`];
}
