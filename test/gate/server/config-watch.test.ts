import { appendFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchConfig } from '../../../src/gate/server/config-watch.ts';
import { socketFolder } from '../../support/socket-folder.ts';

const EVERY_MS = 1000;

function watched(): { readonly path: string; readonly changes: () => number; readonly look: () => void } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const path = join(socketFolder(), 'config.ini');
  writeFileSync(path, '2FA=Off\n');
  let changes = 0;
  const stop = watchConfig({
    path,
    everyMs: EVERY_MS,
    changed: () => {
      changes += 1;
    },
  });
  onTestFinished(stop);
  return { path, changes: () => changes, look: () => void vi.advanceTimersByTime(EVERY_MS) };
}

it('tells of a change once, when the file has stood still between two looks', () => {
  const { path, changes, look } = watched();
  look();
  expect(changes()).toBe(0);
  appendFileSync(path, '[Login]\n');
  look();
  expect(changes()).toBe(0);
  appendFileSync(path, 'Attempts=4\n');
  look();
  expect(changes()).toBe(0);
  look();
  expect(changes()).toBe(1);
  look();
  look();
  expect(changes()).toBe(1);
});

it('sees another file in its place, and one that is gone and comes again', () => {
  const { path, changes, look } = watched();
  writeFileSync(`${path}.new`, '2FA=Off\n');
  utimesSync(`${path}.new`, 1, 1);
  renameSync(`${path}.new`, path);
  look();
  look();
  expect(changes()).toBe(1);
  rmSync(path);
  look();
  look();
  expect(changes()).toBe(2);
  writeFileSync(path, '2FA=Off\n');
  look();
  look();
  expect(changes()).toBe(3);
});
