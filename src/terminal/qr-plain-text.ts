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
  const lines = picture.trimEnd().split('\n');
  switch (polarity) {
    case 'light-on-dark':
      return `${lines.join('\n')}\n`;
    case 'dark-on-light':
      return lines.map((line, row) => `${row === 0 ? ' '.repeat(line.length) : turned(line)}\n`).join('');
  }
}

/** The first line holds the lower half of the quiet zone and, above it, what is outside: turned round, all of it is paper. */
function turned(line: string): string {
  return line.replace(/[█▀▄ ]/g, (block) => TURNED[block] ?? block);
}

const TURNED: Readonly<Record<string, string>> = { '█': ' ', ' ': '█', '▀': '▄', '▄': '▀' };
