import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findCommand } from '../../src/gate/become-command.ts';

function folderWith(files: Readonly<Record<string, number>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, mode] of Object.entries(files)) {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), mode);
  }
  return folder;
}

describe('the command is found', () => {
  test('by PATH, in its order, passing over what cannot be run', () => {
    const first = folderWith({ program: 0o644 });
    const second = folderWith({ program: 0o755 });
    mkdirSync(join(first, 'folder'));
    expect(findCommand(['program', 'a', 'b'], { PATH: `${first}:${second}` })).toEqual({
      path: join(second, 'program'),
      args: ['a', 'b'],
    });
  });

  test('by its path, where it has a slash', () => {
    const folder = folderWith({ program: 0o755 });
    expect(findCommand([join(folder, 'program')], { PATH: '' }).path).toBe(join(folder, 'program'));
  });

  test('in the usual folders, where there is no PATH', () => {
    expect(findCommand(['sh'], {}).path).toMatch(/\/bin\/sh$/);
  });
});

describe('no command is found', () => {
  test.each([
    ['an empty name', '', '/usr/bin:/bin'],
    ['an unknown name', 'no-such-program', '/usr/bin:/bin'],
    ['a name in the current folder, by an empty entry', 'package.json', ':'],
    ['a name in the current folder, by a dot', 'package.json', '.'],
  ])('for %s', (_, name, PATH) => {
    expect(() => findCommand([name], { PATH })).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  test('for a folder, and for a file that nobody may run', () => {
    const folder = folderWith({ program: 0o644 });
    for (const path of [folder, join(folder, 'program')]) {
      expect(() => findCommand([path], {})).toThrow(expect.objectContaining({ code: 'not-found' }));
    }
  });

  test('and its name is drawn inert', () => {
    expect(() => findCommand(['a\x1b[31m'], { PATH: '/bin' })).toThrow('a<U+001B>[31m');
  });
});
