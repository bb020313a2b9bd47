/**
 * QR Code: the secret of one user, on the screen for `QrSeconds`. Invariant: it is in this state and nowhere else, and gone from
 * it when the time is over, the screen is left, or the console is locked.
 */
import { createStore } from 'zustand/vanilla';
import type { ShownQr } from '../../core/directory/two-factor-care.ts';
import { type QrCodes, qrCodes } from '../../terminal/qr-matrix.ts';
import type { QrPolarity } from '../../terminal/qr-picture.ts';
import type { DialogueDesk } from '../desk.ts';
import type { OpenScreen } from '../panel.ts';
import { Watch } from '../watch.tsx';
import { Qr, qrScreenOf } from './qr.tsx';

export type QrState = {
  readonly user: string;
  readonly label: string;
  readonly secret: ShownQr['secret'];
  /** Undefined: blanked. */
  readonly shown: { readonly codes: QrCodes; readonly key: string } | undefined;
  readonly polarity: QrPolarity;
  readonly secondsLeft: number;
};

export async function openQr(desk: DialogueDesk, from: ShownQr): Promise<OpenScreen> {
  const seconds = desk.config().terminal.qrSeconds;
  const until = desk.clock.now() + seconds * 1000;
  const codes = await qrCodes(from.uri);
  const store = createStore<QrState>(() => ({
    user: from.user.name,
    label: from.label,
    secret: from.secret,
    shown: { codes, key: from.key },
    polarity: 'light-on-dark',
    secondsLeft: seconds,
  }));

  function blank(): void {
    store.setState({ shown: undefined, secondsLeft: 0 });
  }

  return {
    id: 'qr',
    title: () => 'QR Code',
    contexts: () => ['qr'],
    /** Where black and white are set by colour there is nothing to swap. */
    offers: (action) =>
      action === 'invert' &&
      qrScreenOf(store.getState(), { room: desk.room(), look: desk.look() }).polarities.length > 1,
    act(action) {
      if (action !== 'invert') return;
      store.setState(({ polarity }) => ({
        polarity: polarity === 'light-on-dark' ? 'dark-on-light' : 'light-on-dark',
      }));
    },
    typing: () => false,
    type() {},
    tick(now) {
      if (store.getState().shown === undefined) return;
      const left = Math.ceil((until - now) / 1000);
      if (left <= 0) blank();
      else if (left < 10 || left % 10 === 0) store.setState({ secondsLeft: left });
    },
    forget: blank,
    draw: (props) => <Watch store={store} draw={(state) => <Qr state={state} {...props} />} />,
  };
}
