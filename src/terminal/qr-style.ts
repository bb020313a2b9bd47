/**
 * How a QR code is drawn on a certain terminal (SPEC §4): half blocks → background-colour cells → the typed key alone, by
 * what the terminal can draw and what the window holds. The typed key stands beside it in every case.
 */
import type { Config } from '../core/config/model.ts';
import type { TerminalCapabilities } from './capabilities.ts';

export type QrSetting = Config['terminal']['qr'];

/**
 * `half-blocks`: one column and half a row a module, needs Unicode. `two-columns`: two columns and one row a module,
 * spaces only.
 */
export type QrCells = 'half-blocks' | 'two-columns';

/** Explicit black and white, of the colour cube or of the palette; or the terminal's own two colours and reverse video. */
export type QrPaint = 'colours-256' | 'colours-16' | 'reverse';

export type QrPictureStyle = {
  readonly kind: 'picture';
  readonly cells: QrCells;
  readonly paint: QrPaint;
  readonly level: 'M' | 'L';
  /** Light modules around the code. ISO/IEC 18004 wants 4; 2 scanned everywhere, 1 nearly everywhere. */
  readonly quietZone: 1 | 2;
  /** What the picture takes of the window. */
  readonly columns: number;
  readonly rows: number;
};

export type NoPicture = {
  readonly kind: 'key';
  readonly why: 'setting' | 'terminal' | 'window';
  /** The least window that would do; with `window` alone. */
  readonly needs?: Size;
};

export type QrStyle = QrPictureStyle | NoPicture;

export type Size = { readonly columns: number; readonly rows: number };

export function chooseQrStyle(from: {
  readonly setting: QrSetting;
  readonly capabilities: TerminalCapabilities;
  /** Modules on a side at each level. */
  readonly modules: { readonly M: number; readonly L: number };
  /** What the window has left for the picture. */
  readonly room: Size;
}): QrStyle {
  const { setting, capabilities, modules, room } = from;
  if (setting === 'key') return { kind: 'key', why: 'setting' };
  if (!capabilities.ansi || capabilities.screenReader) return { kind: 'key', why: 'terminal' };
  const cells = cellsOf(setting, capabilities);
  const paint = paintOf(capabilities);
  for (const { level, quietZone } of PREFERENCES) {
    const size = pictureSize(cells, modules[level] + 2 * quietZone);
    if (size.columns <= room.columns && size.rows <= room.rows) {
      return { kind: 'picture', cells, paint, level, quietZone, ...size };
    }
  }
  return { kind: 'key', why: 'window', needs: pictureSize(cells, modules.L + 2) };
}

/** More error correction where there is room for it; before it, the wider quiet zone, which scanners need more. */
const PREFERENCES = [
  { level: 'M', quietZone: 2 },
  { level: 'L', quietZone: 2 },
  { level: 'L', quietZone: 1 },
] as const;

/** Half blocks where the locale says UTF-8. Background cells are four times as large: where they fit, half blocks do too. */
function cellsOf(setting: 'auto' | 'blocks' | 'ansi', capabilities: TerminalCapabilities): QrCells {
  switch (setting) {
    case 'auto':
      return capabilities.unicode ? 'half-blocks' : 'two-columns';
    case 'blocks':
      return 'half-blocks';
    case 'ansi':
      return 'two-columns';
  }
}

function paintOf(capabilities: TerminalCapabilities): QrPaint {
  switch (capabilities.colour) {
    case '256':
      return 'colours-256';
    case '16':
      return 'colours-16';
    case 'none':
      return 'reverse';
  }
}

function pictureSize(cells: QrCells, modules: number): Size {
  switch (cells) {
    case 'half-blocks':
      return { columns: modules, rows: Math.ceil(modules / 2) };
    case 'two-columns':
      return { columns: 2 * modules, rows: modules };
  }
}
