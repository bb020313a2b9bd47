/** Where a QR code goes: onto the terminal, to stdout, or into a new file. The place is checked before a secret is made. */
import { existsSync } from 'node:fs';
import type { Config } from '../core/config/model.ts';
import type { ShownQr } from '../core/directory/two-factor-care.ts';
import { Fault } from '../core/errors.ts';
import { writeNewFile } from '../core/node/new-file.ts';
import type { EpochMs } from '../core/user.ts';
import { inert } from '../core/visible-text.ts';
import { qrPng, qrSvg } from '../letter/qr-image.ts';
import { qrLetterPdf } from '../letter/qr-letter.ts';
import { qrPlainText } from '../terminal/qr-plain-text.ts';
import { type Call, printResult } from './call.ts';
import { printJson, remark } from './output.ts';
import { showQrOnScreen } from './qr-on-screen.ts';

export const QR_FORMATS = ['terminal', 'uri', 'png', 'svg', 'pdf'] as const;
export type QrFormat = (typeof QR_FORMATS)[number];

export type QrPlace = { readonly format: QrFormat; readonly out: string | undefined };

export type QrToPut = {
  readonly call: Call;
  readonly place: QrPlace;
  readonly shown: ShownQr;
  readonly terminal: Config['terminal'];
  readonly now: EpochMs;
};

/** What was asked for, or a Fault: `exists` for a file that is there, `usage` for a picture file onto a terminal. */
export function refuseQrPlace(call: Call, asked: { readonly format?: QrFormat; readonly out?: string }): QrPlace {
  const format = asked.format ?? formatOfName(asked.out) ?? 'terminal';
  const { out } = asked;
  if (out !== undefined && out !== '-') {
    if (existsSync(out)) {
      throw new Fault('exists', `${inert(out)} is there already.`, { hint: 'Nothing was written; name another file.' });
    }
    return { format, out };
  }
  if ((format === 'png' || format === 'pdf') && (process.stdout.isTTY || call.form === 'json')) {
    throw new Fault('usage', `A ${format} is no text.`, { hint: 'Name a file with --out.' });
  }
  return { format, out: undefined };
}

export async function putQr(qr: QrToPut): Promise<void> {
  const { call, place, shown } = qr;
  if (place.out !== undefined) {
    await writeNewFile(place.out, await qrBytes(qr));
    const text = `The QR code of ${inert(shown.user.name)} is in ${inert(place.out)}. It holds the secret: hand it over, then delete it.`;
    printResult(call, { text, json: { ...withoutSecret(shown), format: place.format, file: place.out } });
    return;
  }
  if (call.form === 'json') {
    printJson({ ...withoutSecret(shown), uri: shown.uri, key: shown.key });
    return;
  }
  if (place.format === 'terminal' && process.stdout.isTTY) await showQrOnScreen(shown, qr.terminal);
  else process.stdout.write(await qrBytes(qr));
  if (place.format === 'terminal') remark(shown.secret === 'new' ? NEW_TEXT : SAME_TEXT);
}

const NEW_TEXT = 'A new secret: the first right code at a log-on pairs the device.';
const SAME_TEXT = 'The secret is the same as before: a device paired with it goes on to work.';

async function qrBytes({ place, shown, now }: QrToPut): Promise<Uint8Array> {
  const { uri, key, label, user } = shown;
  switch (place.format) {
    case 'terminal':
      return Buffer.from(
        `${await qrPlainText(uri)}\nKey:     ${key}\nAccount: ${inert(user.name)}\nSystem:  ${inert(label)}\n`,
      );
    case 'uri':
      return Buffer.from(`${uri}\n`);
    case 'png':
      return qrPng(uri);
    case 'svg':
      return Buffer.from(await qrSvg(uri));
    case 'pdf':
      return qrLetterPdf({ label, user: user.name, uri, key, date: new Date(now).toISOString().slice(0, 10) });
  }
}

function withoutSecret({ user, label, secret }: ShownQr) {
  return { user: user.name, label, fresh: secret === 'new' };
}

function formatOfName(out: string | undefined): QrFormat | undefined {
  const ending = /\.(png|svg|pdf)$/i.exec(out ?? '')?.[1]?.toLowerCase();
  return QR_FORMATS.find((format) => format === ending);
}
