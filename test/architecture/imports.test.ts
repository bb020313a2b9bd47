/** Who may import whom (docs in CONTRIBUTING): the walls of the house, read off the import lines of src. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
  .map((name) => join('src', name));

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;

/** Every module that a file names, our own as paths from the root. */
function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((found) => {
    const name = found[1] ?? found[2] ?? found[3] ?? '';
    return name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
  });
}

const isCore = (path: string): boolean => path.startsWith('src/core/');
/** Core without its adapters and its SQL: no process, no clock, no terminal. */
const isPure = (path: string): boolean =>
  isCore(path) && !path.startsWith('src/core/node/') && !path.startsWith('src/core/store/');

function violations(from: (path: string) => boolean, allowed: (imported: string, from: string) => boolean): string[] {
  return files.filter(from).flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed(name, file))
      .map((name) => `${file} imports ${name}`),
  );
}

describe('who may import whom', () => {
  it('sees the imports it judges', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(importsOf('src/core/login/session.ts')).toContain('src/core/login/transition.ts');
    expect(importsOf('src/core/login/code-step.ts')).toContain('src/core/totp.ts');
  });

  it('keeps the pure core pure: pure files, otplib for codes, ini and csv for text, and nothing else', () => {
    const packages: Readonly<Record<string, RegExp>> = {
      'src/core/totp.ts': /^otplib/,
      'src/core/base32.ts': /^(otplib|@otplib|@scure)/,
      'src/core/config/': /^ini$/,
      'src/core/csv': /^csv-parse/,
    };
    const allowed = (name: string, from: string): boolean =>
      isPure(name) || Object.entries(packages).some(([path, names]) => from.startsWith(path) && names.test(name));
    expect(violations(isPure, allowed)).toEqual([]);
  });

  it('keeps clock, randomness and environment out of the pure core', () => {
    const worldly = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bcrypto\.(getRandomValues|randomUUID)/;
    expect(files.filter(isPure).filter((file) => worldly.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('keeps screens out of the core', () => {
    expect(violations(isCore, (name) => !name.startsWith('src/') || isCore(name))).toEqual([]);
  });

  it('lets the terminal import pure files only of ours', () => {
    const isTerminal = (path: string): boolean => path.startsWith('src/terminal/');
    expect(violations(isTerminal, (name) => !name.startsWith('src/') || isTerminal(name) || isPure(name))).toEqual([]);
  });

  it('keeps gate and console out of each other, but for the front door of the gate', () => {
    const isGate = (path: string): boolean => path.startsWith('src/gate/');
    const isConsole = (path: string): boolean => path.startsWith('src/tui/');
    expect(violations(isGate, (name) => !isConsole(name) && !name.startsWith('src/cli/'))).toEqual([]);
    expect(violations(isConsole, (name) => !isGate(name) || name === 'src/gate/index.ts')).toEqual([]);
  });

  it('keeps SQL and store engines away from everything but the composition', () => {
    const knowsEngines = (path: string): boolean =>
      path.startsWith('src/core/store/') || path.startsWith('src/core/node/') || path.startsWith('src/cli/');
    const isStore = (name: string): boolean => name.startsWith('src/core/store/');
    expect(
      violations(
        (path) => !knowsEngines(path),
        (name) => !isStore(name),
      ),
    ).toEqual([]);
  });
});
