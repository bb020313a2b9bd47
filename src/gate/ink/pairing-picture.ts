/**
 * The QR code and key of a pairing while they may be seen. Invariant: blanked after QrSeconds, each time they are shown, and
 * forgotten with the question they belong to.
 */
import type { Pair } from '../../core/login/message.ts';
import { qrCodes } from '../../terminal/qr-matrix.ts';
import type { Pairing } from './form-view.ts';

export type PairingPicture = {
  open(pair: Pair): Promise<void>;
  shown(): Pairing | undefined;
  /** Blanks it, or shows it for QrSeconds again. */
  toggle(): void;
  turnRound(): void;
  drop(): void;
};

export function pairingPicture(from: { readonly qrSeconds: number; readonly onBlanked: () => void }): PairingPicture {
  const { qrSeconds, onBlanked } = from;
  let pairing: Pairing | undefined;
  let timer: NodeJS.Timeout | undefined;

  function set(picture: Pairing['picture']): void {
    clearTimeout(timer);
    if (pairing === undefined) return;
    pairing = { ...pairing, picture };
    if (picture === 'shown') timer = setTimeout(blank, qrSeconds * 1000);
  }

  function blank(): void {
    set('blanked');
    onBlanked();
  }

  return {
    async open(pair) {
      pairing = { pair, codes: await qrCodes(pair.uri), picture: 'shown', polarity: 'light-on-dark' };
      set('shown');
    },
    shown: () => pairing,
    toggle: () => set(pairing?.picture === 'shown' ? 'blanked' : 'shown'),
    turnRound() {
      if (pairing === undefined) return;
      pairing = { ...pairing, polarity: pairing.polarity === 'light-on-dark' ? 'dark-on-light' : 'light-on-dark' };
    },
    drop() {
      clearTimeout(timer);
      pairing = undefined;
    },
  };
}
