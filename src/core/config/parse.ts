/**
 * The text of config.ini, typed and checked: a whole configuration, or every problem with its place; never half of one.
 * Nothing in it is passed over: what is not understood is refused, so that a slip of the pen never switches a protection off.
 */
import { disagreements } from './agreement.ts';
import { BYTE_ORDER_MARK, decodedValue, type Line, linesOf } from './line.ts';
import { type LineProblem, lineProblem } from './line-problem.ts';
import type { Config } from './model.ts';
import type { Problem } from './problem.ts';
import { readValue } from './read-value.ts';
import { resolvePath } from './resolve-path.ts';
import type { Setting } from './setting.ts';
import { findSetting, fullKeyOf, SETTINGS } from './settings.ts';

export type ConfigSource = {
  readonly text: string;
  /** As it is named in problems. */
  readonly file: string;
  /** Absolute: relative paths in the file count from it. */
  readonly folder: string;
};

/** A value as it stands in the file, decoded. */
export type WrittenValue = { readonly text: string; readonly line: number };

export type Parsed =
  /** `written` holds what the file says itself, by `2FA` or `Section.Key`; the rest of `config` is defaults. */
  | { readonly kind: 'config'; readonly config: Config; readonly written: ReadonlyMap<string, WrittenValue> }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** A configuration has some kilobytes; this much is something else. */
export const CONFIG_MAX_CHARACTERS = 262_144;
const PROBLEMS_SHOWN = 25;

export function parseConfig(source: ConfigSource): Parsed {
  const { file } = source;
  if (source.text.length > CONFIG_MAX_CHARACTERS) {
    const wrong = `${source.text.length} characters are too long for a configuration`;
    return { kind: 'problems', problems: [{ file, line: 1, key: 'file', wrong, right: 'name a config.ini' }] };
  }
  const { problems, written } = writtenValues(source);
  const config = typedConfig(source, written, problems);
  if (problems.length === 0) problems.push(...togetherProblems(config, written, file));
  if (problems.length === 0) return { kind: 'config', config, written };
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { kind: 'problems', problems: problems.slice(0, PROBLEMS_SHOWN) };
}

function writtenValues({ text, file }: ConfigSource) {
  const problems: Problem[] = [];
  const written = new Map<string, WrittenValue>();
  for (const line of linesOf(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)) {
    if (problems.length >= PROBLEMS_SHOWN) break;
    const found = lineProblem(line) ?? noteValue(line, written);
    if (found !== undefined) problems.push({ file, line: line.number, ...found });
  }
  return { problems, written };
}

function noteValue(line: Line, written: Map<string, WrittenValue>): LineProblem | undefined {
  if (line.content.kind !== 'key') return undefined;
  const key = fullKeyOf({ section: line.section, key: line.content.key });
  // A key below an unknown section: the section is the problem.
  if (findSetting(key) === undefined) return undefined;
  const first = written.get(key);
  if (first !== undefined) {
    return { key, wrong: `it is set on line ${first.line} already`, right: 'keep one of the two' };
  }
  const text = decodedValue(line, line.content);
  if (text === undefined) return { key, wrong: 'this is not text', right: 'write it without quotation marks' };
  written.set(key, { text, line: line.number });
  return undefined;
}

function typedConfig(source: ConfigSource, written: ReadonlyMap<string, WrittenValue>, problems: Problem[]): Config {
  const { file, folder } = source;
  const value = <T>(setting: Setting<T>): T => {
    const key = fullKeyOf(setting);
    const found = written.get(key);
    if (found === undefined) return setting.fallback;
    const reading = readValue(setting, found.text);
    if (reading.ok) return reading.value;
    problems.push({ file, line: found.line, key, wrong: reading.wrong, right: reading.right });
    return setting.fallback;
  };
  const place = (setting: Setting<string>): string => {
    const path = value(setting);
    return path === '' ? '' : resolvePath(folder, path);
  };
  return {
    mode: value(SETTINGS['2FA']),
    login: {
      attempts: value(SETTINGS['Login.Attempts']),
      timeoutSeconds: value(SETTINGS['Login.TimeoutSeconds']),
      codeWindow: value(SETTINGS['Login.CodeWindow']),
      autoPairingWithinDays: value(SETTINGS['Login.AutoPairingWithinDays']),
    },
    lockout: {
      passwordFailures: value(SETTINGS['Lockout.PasswordFailures']),
      codeFailures: value(SETTINGS['Lockout.CodeFailures']),
      firstDelaySeconds: value(SETTINGS['Lockout.FirstDelaySeconds']),
      longestDelaySeconds: value(SETTINGS['Lockout.LongestDelaySeconds']),
      hardLimit: value(SETTINGS['Lockout.HardLimit']),
    },
    password: {
      minLength: value(SETTINGS['Password.MinLength']),
      minLengthWithout2FA: value(SETTINGS['Password.MinLengthWithout2FA']),
      argon2MemoryMiB: value(SETTINGS['Password.Argon2MemoryMiB']),
      argon2Passes: value(SETTINGS['Password.Argon2Passes']),
    },
    store: {
      engine: value(SETTINGS['Store.Engine']),
      path: place(SETTINGS['Store.Path']),
      url: value(SETTINGS['Store.Url']),
      keyFile: place(SETTINGS['Store.KeyFile']),
    },
    audit: {
      path: place(SETTINGS['Audit.Path']),
      queueMax: value(SETTINGS['Audit.QueueMax']),
      maxMiB: value(SETTINGS['Audit.MaxMiB']),
      keepDays: value(SETTINGS['Audit.KeepDays']),
    },
    server: { socket: place(SETTINGS['Server.Socket']), hostSocket: place(SETTINGS['Server.HostSocket']) },
    terminal: {
      qr: value(SETTINGS['Terminal.QR']),
      colour: value(SETTINGS['Terminal.Colour']),
      qrSeconds: value(SETTINGS['Terminal.QrSeconds']),
    },
  };
}

function togetherProblems(
  config: Config,
  written: ReadonlyMap<string, WrittenValue>,
  file: string,
): readonly Problem[] {
  return disagreements(config).map(({ keys, wrong, right }) => {
    let last = { key: keys[0] as string, line: written.get(keys[0])?.line ?? 0 };
    for (const key of keys) {
      const line = written.get(key)?.line ?? 0;
      if (line > last.line) last = { key, line };
    }
    return { file, line: last.line === 0 ? null : last.line, key: last.key, wrong, right };
  });
}
