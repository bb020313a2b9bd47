/**
 * A QR code for files and pipes, where there is no terminal to ask about: block characters and line ends, no control
 * sequence, which is what qrcode-terminal's small picture is. It is made for light characters on a dark screen, where such
 * text mostly ends up (`ssh host gatehouse 2fa qr NAME`); the other polarity has each block turned round.
 */
import type { QrPolarity } from './qr-picture.ts';

/** Lines of equal length, each with a line end. Loads the encoder when first called. */
export async function qrPlainText(text: string, polarity: QrPolarity = 'light-on-dark'): Promise<string> {
  const { default: qrcodeTerminal } = await import('qrcode-terminal');
  const picture = await new Promise<string>((resolve) => qrcodeTerminal.generate(text, { small: true }, resolve));
  const lines = picture.replace(/\n$/, '');
  switch (polarity) {
    case 'light-on-dark':
      return `${lines}\n`;
    case 'dark-on-light':
      return `${lines.replace(/[█▀▄ ]/g, (block) => TURNED[block] ?? block)}\n`;
  }
}

const TURNED: Readonly<Record<string, string>> = { '█': ' ', ' ': '█', '▀': '▄', '▄': '▀' };
