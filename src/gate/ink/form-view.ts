/** What the form shows at a moment: all that a screen may know. Nothing typed into a secret field is in it. */
import type { Done, Notice, Pair } from '../../core/login/message.ts';
import type { FieldShown } from '../../terminal/credentials-field.ts';
import type { QrCodes } from '../../terminal/qr-matrix.ts';
import type { QrPolarity } from '../../terminal/qr-picture.ts';

export type FormView = {
  /** The system's label; undefined where nothing is configured yet. */
  readonly label: string | undefined;
  /** What was answered so far, top down. */
  readonly answered: readonly AnsweredField[];
  readonly open: OpenQuestion;
  readonly notices: readonly Notice[];
  /** While a phone is being paired. */
  readonly pairing: Pairing | undefined;
  /** Shown until the next answer, never again. */
  readonly recoveryCodes: readonly string[] | undefined;
  readonly help: 'shown' | 'hidden';
};

export type AnsweredField = { readonly label: string; readonly shown: FieldShown };

export type OpenQuestion =
  | {
      readonly kind: 'field';
      readonly label: string;
      readonly shown: FieldShown;
      /** A code changes every 30 seconds: the time left is worth showing. */
      readonly purpose: 'code' | 'other';
    }
  | { readonly kind: 'choice'; readonly label: string; readonly options: readonly string[]; readonly selected: number }
  /** An answer is being worked on; `slow` once a person would wonder. */
  | { readonly kind: 'waiting'; readonly pace: 'at-once' | 'slow' }
  /** It is over, and what was said with the verdict is left to be read. */
  | { readonly kind: 'over'; readonly done: Done };

export type Pairing = {
  readonly pair: Pair;
  readonly codes: QrCodes;
  /** `blanked` after QrSeconds or on a key. */
  readonly picture: 'shown' | 'blanked';
  readonly polarity: QrPolarity;
};
