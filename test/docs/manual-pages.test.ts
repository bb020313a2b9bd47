/** man/: made from the help, the settings and the protocol's document by `npm run docs`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT_STATUSES } from '../../src/cli/exit-status-table.ts';
import { createProgram } from '../../src/cli/program.ts';
import { ALL_SETTINGS } from '../../src/core/config/settings.ts';
import { EXIT_STATUS } from '../../src/core/errors.ts';
import { visibleOptions } from '../../tools/man/command-blocks.ts';
import { manualPages } from '../../tools/man/main.ts';
import { escaped } from '../../tools/man/roff.ts';
import { missing, tool } from '../examples/needs.ts';

const PAGES = ['config.ini.5', 'gatehouse-config.5', 'gatehouse-login.1', 'gatehouse-protocol.7', 'gatehouse.1'];
const PATHS = PAGES.map((page) => join('man', page));
const page = (name: string): string => readFileSync(join('man', name), 'utf8');

function commands(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const here = [...path, command.name()];
  return [[here.join(' '), command], ...command.commands.flatMap((sub) => commands(sub, here))];
}

describe('the manual pages', () => {
  it('are as npm run docs writes them', () => {
    expect(Object.fromEntries(PAGES.map((name) => [name, page(name)]))).toEqual(Object.fromEntries(manualPages()));
  });

  it('are all in the package, and installed with it', () => {
    expect(readdirSync('man').sort()).toEqual(PAGES);
    expect([...packageJson.man].sort()).toEqual(PATHS);
    expect(packageJson.files).toContain('man');
  });

  it('name every command and each of its options', () => {
    const all = commands(createProgram());
    expect(all.length).toBeGreaterThan(30);
    const lacking = all.flatMap(([path, command]) => [
      ...(command.commands.length > 0 || page('gatehouse.1').includes(`\n\\fB${escaped(path)}\\fR`) ? [] : [path]),
      ...visibleOptions(command)
        .map(({ long }) => long ?? '')
        .filter((long) => !page('gatehouse.1').includes(`\n\\fB${escaped(long)}\\fR`))
        .map((long) => `${path} ${long}`),
    ]);
    expect(lacking.filter((what) => what !== 'gatehouse --help')).toEqual([]);
    const login = createProgram().commands.find((command) => command.name() === 'login');
    const options = login === undefined ? [] : visibleOptions(login).map(({ long }) => long ?? '');
    expect(options.length).toBeGreaterThan(3);
    for (const long of options) expect(page('gatehouse-login.1')).toContain(`\n\\fB${escaped(long)}`);
  });

  it('name every setting with its default', () => {
    const settings = page('config.ini.5').replaceAll('\n', ' ');
    let from = 0;
    for (const { key, fallbackText } of ALL_SETTINGS) {
      // In their order, for a key can be in two sections.
      const before = from;
      from = settings.indexOf(` .TP \\fB${key}\\fR `, before + 1);
      expect(from, key).toBeGreaterThan(before);
      const text = settings.slice(from, settings.indexOf('.TP', from + 5));
      expect(text, key).toContain(fallbackText === '' ? 'No default.' : `Default: \\fB${escaped(fallbackText)}\\fR.`);
    }
  });

  it('name every exit status', () => {
    const known = [0, ...Object.values(EXIT_STATUS)];
    expect(new Set(EXIT_STATUSES.map(({ status }) => status))).toEqual(new Set(known));
    for (const { status } of EXIT_STATUSES) expect(page('gatehouse.1')).toContain(`\n.TP\n${status}\n`);
  });

  it.for(['gatehouse.1', 'gatehouse-login.1', 'config.ini.5', 'gatehouse-protocol.7'])(
    '%s has the parts that a page is expected to have',
    (name) => {
      const parts = [...page(name).matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title?.replaceAll('"', ''));
      const expected = ['NAME', 'DESCRIPTION', 'EXAMPLES', 'SECURITY', 'SEE ALSO'];
      expect(parts).toEqual(expect.arrayContaining(expected));
      expect(parts.at(0)).toBe('NAME');
      expect(parts.at(-1)).toBe('SEE ALSO');
    },
  );

  it('show text that means something to roff as it stands', () => {
    expect(escaped(`\\fB .so 'x' "y" --from ^~\``)).toBe(
      '\\efB .so \\(aqx\\(aq \\(dqy\\(dq \\-\\-from \\(ha\\(ti\\(ga',
    );
    expect(escaped('two-factor 2027-01-31 ← …')).toBe('two-factor 2027\\-01\\-31 \\(<- \\[u2026]');
  });
});

const WITHOUT_FAULT = [
  ['groff', ['-man', '-ww', '-z', '-Tutf8', '-I', 'man']],
  ['mandoc', ['-T', 'lint', '-W', 'warning']],
] as const;

describe.for(WITHOUT_FAULT)('%s', ([name, options]) => {
  const lacking = missing(tool(name));
  it.skipIf(lacking !== '')(`finds no fault in them ${lacking}`, () => {
    for (const path of PATHS.filter((file) => !file.endsWith('gatehouse-config.5'))) {
      const { status, stdout, stderr } = spawnSync(name, [...options, path], { encoding: 'utf8' });
      expect([status, stdout, stderr], path).toEqual([0, '', '']);
    }
  });
});

describe('man', () => {
  const lacking = missing(tool('man'));
  it.skipIf(lacking !== '')(`shows them on 80 columns, with what is to be typed as it is typed ${lacking}`, () => {
    const shown = PATHS.filter((path) => !path.endsWith('gatehouse-config.5')).map((path) => {
      const environment = {
        PATH: process.env.PATH ?? '',
        LC_ALL: 'C.UTF-8',
        MANWIDTH: '80',
        MANROFFOPT: '',
        TERM: 'dumb',
      };
      const { status, stdout } = spawnSync('man', ['-l', path], { encoding: 'utf8', env: environment });
      expect(status, path).toBe(0);
      const text = stdout.replace(/.\u0008/g, '');
      expect(
        text.split('\n').filter((line) => line.length > 80),
        path,
      ).toEqual([]);
      return text;
    });
    const text = shown.join('\n');
    for (const words of [
      'gatehouse login -- /usr/bin/plato',
      '--password-stdin',
      'gatehouse config set 2FA "Auto:Codectomy St Elsewhere LIVE"',
      "begin({ user, password: 'checked-by-host' })",
      '→ {"type":"answer","id":1,"value":"..."}',
      '\\; and \\#',
    ]) {
      expect(text.replace(/\s+/g, ' ')).toContain(words);
    }
  });
});
