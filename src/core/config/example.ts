/** config.ini.example, the first config.ini of a facility, and the README's table: all made from the settings. */
import { encodedValue } from './line.ts';
import { modeText } from './mode.ts';
import type { Mode } from './model.ts';
import type { Setting } from './setting.ts';
import { ALL_SETTINGS, fullKeyOf, SECTIONS } from './settings.ts';

const HEAD = `; Configuration of Gatehouse. \`gatehouse config check\` reads it, \`gatehouse config set\` changes it and keeps comments.
; A line that begins with ; is a comment. Settings that are commented out show their defaults, or an example where the
; default is nothing: take the ; away to change one. In a value, write \\; and \\# where you mean the characters.
; Relative paths count from the folder of this file.

; Auto:     who logs in for the first time is shown a QR code on the terminal and pairs a phone with it.
; Central:  an administrator makes the QR code and hands it out; until then there is no entry.
; Off:      no second factor for anybody.
; The text after the colon is the label that authenticator apps show. Name facility and system type (LIVE, ACCEPTANCE
; ...): a user has an account for each, and tells them apart by it. A changed label holds for new QR codes alone.`;

/** The text of a config.ini with every setting explained; a valid configuration. */
export function exampleConfig(mode: Mode = { kind: 'auto', label: 'Codectomy St Elsewhere LIVE' }): string {
  const sections = SECTIONS.map((section) => {
    const settings = ALL_SETTINGS.filter((setting) => setting.section === section);
    return `\n[${section}]\n${settings.map(settingLines).join('')}`;
  });
  return `${HEAD}\n2FA=${encodedValue(modeText(mode))}\n${sections.join('')}`;
}

/** A Markdown table of all settings. */
export function settingsMarkdown(): string {
  const rows = ALL_SETTINGS.map((setting) => {
    const fallback = setting.fallbackText === '' ? '' : `\`${setting.fallbackText}\``;
    return `| \`${fullKeyOf(setting)}\` | ${fallback} | ${cell(allowedText(setting))} | ${cell(setting.help)} |`;
  });
  return `| setting | default | values | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function settingLines(setting: Setting<unknown>): string {
  const value = setting.fallbackText === '' ? setting.example : setting.fallbackText;
  return `; ${setting.help}\n; Allowed: ${allowedText(setting)}.\n;${setting.key}=${encodedValue(value)}\n`;
}

/** `1 to 10 steps`, `auto or never`. */
export function allowedText(setting: Setting<unknown>): string {
  return setting.unit === undefined ? setting.allowed : `${setting.allowed} ${setting.unit}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<');
}
