/** An example as an admin installs it: copied, with its own places put in. Nothing else about it is changed. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that every account may read and that is gone with the test. */
export function exampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-example-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Path of the copy. Throws where the example has not the words to change, so that it cannot drift from its test. */
export function installExample(folder: string, example: string, places: Readonly<Record<string, string>> = {}): string {
  const source = join('examples', example);
  let text = readFileSync(source, 'utf8');
  for (const [usual, here] of Object.entries(places)) {
    if (!text.includes(usual)) throw new Error(`${source} does not say ${usual}`);
    text = text.replaceAll(usual, here);
  }
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, basename(example));
  writeFileSync(copy, text);
  chmodSync(copy, (statSync(source).mode & 0o777) | 0o444);
  return copy;
}

/** The host program behind the gate: says who was let in, its words, and its environment. */
export function hostProgram(folder: string): string {
  const path = join(folder, 'plato');
  writeFileSync(
    path,
    '#!/bin/sh\necho "PROGRAM as $(id -un): $GATEHOUSE_USER $GATEHOUSE_METHOD [$*]"\nenv\necho END\n',
  );
  chmodSync(path, 0o755);
  return path;
}
