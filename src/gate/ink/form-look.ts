/** What the form is drawn with, beside what it shows. */
import type { Config } from '../../core/config/model.ts';
import type { TerminalCapabilities } from '../../terminal/capabilities.ts';
import { type Theme, themeOf } from '../../terminal/theme.ts';

export type FormLook = {
  readonly theme: Theme;
  readonly capabilities: TerminalCapabilities;
  readonly qr: Config['terminal']['qr'];
  /** Of the time step that is running; undefined where no code is asked. */
  readonly secondsLeft: number | undefined;
};

export function formLook(from: Omit<FormLook, 'theme'>): FormLook {
  return { ...from, theme: themeOf(from.capabilities) };
}
