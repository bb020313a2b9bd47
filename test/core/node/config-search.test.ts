import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { type ConfigSearch, findConfigFile, newConfigPath } from '../../../src/core/node/config-search.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-search-'));
  mkdirSync(join(root, 'here'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true }));

const search = (over: Partial<ConfigSearch> = {}): ConfigSearch => ({
  flag: undefined,
  environment: {},
  folder: join(root, 'here'),
  hostConfig: join(root, 'etc/config.ini'),
  ...over,
});

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('no fault');
}

/** Only root can give a file away; tests of a foreign owner need that. */
const asRoot = it.skipIf(process.geteuid?.() !== 0);

describe('which config.ini is meant', () => {
  it('is what --config names, else the environment, else the one here, else the one of the host', () => {
    const here = join(root, 'here/config.ini');
    writeFileSync(join(root, 'etc/config.ini'), '');
    expect(findConfigFile(search())).toBe(join(root, 'etc/config.ini'));
    writeFileSync(here, '');
    expect(findConfigFile(search())).toBe(here);
    const environment = { GATEHOUSE_CONFIG: 'env.ini' };
    expect(findConfigFile(search({ environment }))).toBe(join(root, 'here/env.ini'));
    expect(findConfigFile(search({ environment, flag: '/x/../flag.ini' }))).toBe('/flag.ini');
    expect(findConfigFile(search({ environment: { GATEHOUSE_CONFIG: '' } }))).toBe(here);
  });

  it('is a named one even where it is missing: nothing else takes its place', () => {
    writeFileSync(join(root, 'here/config.ini'), '');
    expect(findConfigFile(search({ flag: 'missing.ini' }))).toBe(join(root, 'here/missing.ini'));
  });

  it('is none where there is none', () => {
    const fault = faultOf(() => findConfigFile(search()));
    expect(fault.code).toBe('configuration');
    expect(fault.message).toContain(join(root, 'here/config.ini'));
    expect(fault.hint).toContain('gatehouse init');
    expect(faultOf(() => findConfigFile(search({ flag: '' }))).code).toBe('usage');
  });

  it('is not passed over because it is a broken link: the reader says so', () => {
    symlinkSync('/nowhere', join(root, 'here/config.ini'));
    expect(findConfigFile(search())).toBe(join(root, 'here/config.ini'));
  });

  asRoot('is not one that another account has put into the folder', () => {
    writeFileSync(join(root, 'here/config.ini'), '2FA=Off');
    chownSync(join(root, 'here/config.ini'), 12345, 12345);
    expect(faultOf(() => findConfigFile(search())).code).toBe('file-refused');
  });

  asRoot("is unclear where a user's own stands beside that of the host", () => {
    writeFileSync(join(root, 'here/config.ini'), '2FA=Off');
    writeFileSync(join(root, 'etc/config.ini'), '2FA=Auto:x LIVE');
    chownSync(join(root, 'etc/config.ini'), 12345, 12345);
    const fault = faultOf(() => findConfigFile(search()));
    expect(fault.code).toBe('configuration');
    expect(fault.hint).toContain('--config');
  });

  it('is for a new facility the named one or one here', () => {
    expect(newConfigPath(search())).toBe(join(root, 'here/config.ini'));
    expect(newConfigPath(search({ environment: { GATEHOUSE_CONFIG: '/etc/x.ini' } }))).toBe('/etc/x.ini');
    expect(newConfigPath(search({ flag: 'y.ini' }))).toBe(join(root, 'here/y.ini'));
  });
});
