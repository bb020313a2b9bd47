/** What every view of the console draws with. */
import type { TerminalCapabilities } from '../terminal/capabilities.ts';
import type { QrSetting } from '../terminal/qr-style.ts';
import { type Theme, themeOf } from '../terminal/theme.ts';

export type Look = {
  readonly theme: Theme;
  readonly capabilities: TerminalCapabilities;
  /** `QR` of config.ini. */
  readonly qr: QrSetting;
};

export function lookOf(capabilities: TerminalCapabilities, qr: QrSetting): Look {
  return { theme: themeOf(capabilities), capabilities, qr };
}
