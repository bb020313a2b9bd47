/** A phone for whoever has none at hand: takes the typed key that stands beside a QR code and shows its code, second by second. */
import { createInterface } from 'node:readline/promises';
import { secondsLeftInStep } from '../src/core/time-step.ts';
import { createPhones } from './demo-phones.ts';

/** Until Ctrl-C. */
export async function showPhone(): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const typed = await lines.question('The key beside the QR code: ').finally(() => lines.close());
  const key = typed.replace(/\s/g, '').toUpperCase();
  if (!/^[A-Z2-7]{16,}$/.test(key)) {
    process.stdout.write('That is no key: it has letters and the digits 2 to 7.\n');
    process.exitCode = 65;
    return;
  }
  const phones = createPhones();
  phones.scan('', `otpauth://totp/?secret=${key}`);
  process.stdout.write('Ctrl-C puts the phone away.\n');
  const show = (): void => {
    const now = Date.now();
    const left = String(secondsLeftInStep(now)).padStart(2);
    process.stdout.write(`\r  ${phones.code('', now)}   ${left} s left `);
  };
  show();
  setInterval(show, 1000);
}
