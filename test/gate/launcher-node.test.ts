/**
 * The attack: the person who logs in has a folder of their own first on PATH, with a `node` in it that grants. The launcher finds
 * the Node of the host in each way to install Gatehouse, or none and says so; never that one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GATEHOUSE } from '../support/standing-facility.ts';

type Host = {
  readonly folder: string;
  /** A program that says its name; `name` is in the host's folder. */
  node(name: string): void;
  /** Starts `name` as the attacker would. */
  start(name: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string };
};

/** The package lies at `root`, with a launcher for which the system is in the host's folder too. */
function hostWith(root: string): Host {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-host-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  };
  const launcher = readFileSync(GATEHOUSE, 'utf8');
  const moved = launcher.replace(' /usr/local/bin/node /usr/bin/node;', ` ${folder}/usr/bin/node;`);
  expect(moved).not.toBe(launcher);
  put(`${root}/bin/gatehouse`, moved);
  put(`${root}/dist/gatehouse.cjs`, '');
  put('evil/node', '#!/bin/sh\necho granted by evil/node\n');
  return {
    folder,
    node: (name) => put(name, `#!/bin/sh\necho ${name}\n`),
    start: (name) =>
      spawnSync(join(folder, name), ['login'], {
        cwd: join(folder, 'evil'),
        env: { PATH: `${folder}/evil:.:/usr/bin:/bin` },
        encoding: 'utf8',
      }),
  };
}

const CLONE = 'src/gatehouse';
const GLOBAL = 'opt/lib/node_modules/gatehouse';
const PROJECT = 'app/node_modules/gatehouse';
const NPX = 'home/.npm/_npx/0123456789abcdef/node_modules/gatehouse';

test.each([
  ['a clone', CLONE, `${CLONE}/node_modules/.bin/node`],
  ['a global package', GLOBAL, 'opt/bin/node'],
  ['a package of a project', PROJECT, 'app/node_modules/.bin/node'],
  ['a package that npx fetched', NPX, 'home/.npm/_npx/0123456789abcdef/node_modules/.bin/node'],
  ['a clone without its packages', CLONE, 'usr/bin/node'],
  ['a global package, by the Node of the system', GLOBAL, 'usr/bin/node'],
  ['a package of a project, by the Node of the system', PROJECT, 'usr/bin/node'],
])('%s starts its own Node', (_, root, node) => {
  const host = hostWith(root);
  host.node(node);
  expect(host.start(`${root}/bin/gatehouse`)).toEqual(expect.objectContaining({ status: 0, stdout: `${node}\n` }));
});

test.each([
  ['a clone', CLONE, `${CLONE}/node_modules/.bin`],
  ['a global package', GLOBAL, 'opt/bin'],
  ['a package of a project', PROJECT, 'app/node_modules/.bin'],
  ['a package that npx fetched', NPX, 'home/.npm/_npx/0123456789abcdef/node_modules/.bin'],
])('%s without one refuses, and what it says to do is enough', (_, root, place) => {
  const host = hostWith(root);
  const refused = host.start(`${root}/bin/gatehouse`);
  expect(refused).toMatchObject({ status: 69, stdout: '' });
  const [, command = ''] = /^gatehouse: There is no Node .*\n.*: (ln -s .*)\n$/.exec(refused.stderr) ?? [];
  expect(command).toBe(`ln -s /path/to/node ${join(host.folder, place)}/node`);
  host.node('elsewhere/node');
  mkdirSync(join(host.folder, place), { recursive: true });
  execFileSync('/bin/sh', ['-c', command.replace('/path/to/node', join(host.folder, 'elsewhere/node'))]);
  expect(host.start(`${root}/bin/gatehouse`).stdout).toBe('elsewhere/node\n');
});

test('links to the command, and a folder of packages that is a link, change nothing', () => {
  const host = hostWith(GLOBAL);
  host.node('opt/bin/node');
  symlinkSync('../lib/node_modules/gatehouse/bin/gatehouse', join(host.folder, 'opt/bin/gatehouse'));
  symlinkSync('../opt/bin/gatehouse', join(host.folder, 'evil/gatehouse'));
  expect(host.start('evil/gatehouse').stdout).toBe('opt/bin/node\n');
  mkdirSync(join(host.folder, 'app/node_modules'), { recursive: true });
  symlinkSync('../../opt/lib/node_modules/gatehouse', join(host.folder, 'app/node_modules/gatehouse'));
  expect(host.start('app/node_modules/gatehouse/bin/gatehouse').stdout).toBe('opt/bin/node\n');
});

test('neither a folder called node nor a file that nobody may run is one', () => {
  const host = hostWith(GLOBAL);
  mkdirSync(join(host.folder, 'opt/bin/node'), { recursive: true });
  mkdirSync(join(host.folder, 'usr/bin'), { recursive: true });
  writeFileSync(join(host.folder, 'usr/bin/node'), '', { mode: 0o644 });
  expect(host.start(`${GLOBAL}/bin/gatehouse`)).toMatchObject({ status: 69, stdout: '' });
});

test('a system whose Node is too old gets the same advice', () => {
  const host = hostWith(GLOBAL);
  cpSync('dist/gatehouse.cjs', join(host.folder, GLOBAL, 'dist/gatehouse.cjs'));
  const old = join(host.folder, 'old.cjs');
  writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });");
  mkdirSync(join(host.folder, 'usr/bin'), { recursive: true });
  const starter = `#!/bin/sh\nexec ${process.execPath} --require ${old} "$@"\n`;
  writeFileSync(join(host.folder, 'usr/bin/node'), starter, { mode: 0o755 });
  expect(host.start(`${GLOBAL}/bin/gatehouse`)).toMatchObject({
    status: 69,
    stdout: '',
    stderr:
      'gatehouse: This is Node 20.20.2; Gatehouse needs Node 22.22.2 or newer.\n' +
      `  Name a newer one: ln -s /path/to/node ${host.folder}/opt/bin/node\n`,
  });
});
