/**
 * A QR code on the terminal of whoever ran the command: on the alternate screen, until a key is pressed or QrSeconds are over, so
 * that nothing of it stays in the scrollback. Without a keyboard to wait for it is printed like any output.
 */
import type { Config } from '../core/config/model.ts';
import type { ShownQr } from '../core/directory/two-factor-care.ts';
import { type TerminalCapabilities, terminalCapabilities } from '../terminal/capabilities.ts';
import { qrCodes } from '../terminal/qr-matrix.ts';
import { layOutQr, pairingWords } from '../terminal/qr-screen.ts';

export async function showQrOnScreen(shown: ShownQr, terminal: Config['terminal']): Promise<void> {
  const capabilities = terminalCapabilities({ env: process.env, output: process.stdout, colour: terminal.colour });
  const codes = await qrCodes(shown.uri);
  const words = pairingWords({ label: shown.label, user: shown.user.name, key: shown.key });
  const room = { columns: capabilities.columns, rows: capabilities.rows - 1 };
  const { lines } = layOutQr({ codes, setting: terminal.qr, capabilities, room, words });
  const text = lines.join('\r\n');
  if (!capabilities.ansi || !process.stdin.isTTY) {
    process.stdout.write(`${text}\r\n`);
    return;
  }
  const { enter, leave } = screenOf(capabilities);
  process.stdout.write(`${enter}${text}\r\nAny key ends this; it ends by itself in ${terminal.qrSeconds} seconds.`);
  try {
    await keyOrTime(terminal.qrSeconds * 1000);
  } finally {
    process.stdout.write(leave);
  }
}

/** DECSET 1049 where there is a second screen; else the one screen is cleared (ECMA-48 ED). */
function screenOf({ alternateScreen }: TerminalCapabilities): { readonly enter: string; readonly leave: string } {
  const clear = '\u001b[2J\u001b[H';
  return alternateScreen
    ? { enter: `\u001b[?1049h${clear}`, leave: `${clear}\u001b[?1049l` }
    : { enter: clear, leave: clear };
}

function keyOrTime(ms: number): Promise<void> {
  const { stdin } = process;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stdin.off('data', end).off('end', end).pause();
      stdin.setRawMode(false);
      for (const signal of ENDING_SIGNALS) process.off(signal, end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stdin.setRawMode(true);
    for (const signal of ENDING_SIGNALS) process.on(signal, end);
    stdin.on('data', end).on('end', end).resume();
  });
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
