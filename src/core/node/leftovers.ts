/** Copies of the database that a killed process left beside it. They hold what the database holds, and nobody uses them. */
import { lstatSync, rmSync } from 'node:fs';
import { SIDE_FILES } from '../store/engines/database-file.ts';

/** For whoever holds `<db>.lock` alone, so that nobody is about to rename one. Answers those that were there. */
export function removeLeftovers(path: string): readonly string[] {
  const found = leftoversOf(path);
  for (const each of found) rmSync(each, { force: true });
  return found;
}

/** Files alone: what else has one of these names is named by whoever needs that name. */
export function leftoversOf(path: string): readonly string[] {
  const restoring = `${path}.restoring`;
  const ofRestore = ['', '.lock', '.new', ...SIDE_FILES].map((suffix) => restoring + suffix);
  return [`${path}.new`, ...ofRestore].filter((each) => {
    const stats = lstatSync(each, { throwIfNoEntry: false });
    return stats !== undefined && !stats.isDirectory();
  });
}
