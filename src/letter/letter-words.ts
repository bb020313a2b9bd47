/** What the letter says. */

export const LETTER_STEPS: readonly string[] = [
  'Install Google Authenticator on your phone, or another app for time-based codes (TOTP). It is free of charge and needs no network to work.',
  'In the app, add an account and scan the QR code below. If you cannot scan it, choose to enter a key, give the account name and type the key: time-based, 6 digits.',
  'Log on with your name and password as usual. When asked for a code, type the 6 digits that the app shows for this account. They change every 30 seconds.',
  'When your first code has been accepted, destroy this letter.',
];

export const LETTER_INTRODUCTION =
  'To log on you need your password and, from now on, a code from your phone as well. This letter pairs your phone; it takes about two minutes.';

export const LETTER_CLOSING: readonly { readonly heading: string; readonly text: string }[] = [
  {
    heading: 'Keep this letter secret.',
    text: 'Whoever has the QR code or the key can make your codes. Do not copy, photograph or send it. Nobody will ever ask you for the key.',
  },
  {
    heading: 'Lost your phone or this letter?',
    text: 'Tell your administrator at once: the pairing is then switched off and you get a new QR code. For a further phone of your own, the administrator can show you this code again.',
  },
];

export const UNDRAWABLE_NOTE =
  'Characters that this letter cannot print are written as <U+...>. The QR code holds the names as they are.';
