/**
 * `npm run coverage`: which lines of src the tests run, as a table by folder. Counted is what runs in the processes of
 * the tests themselves; what they start (the command, the gates under a terminal, servers) is tested too, and not
 * counted.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';

/** Of one file, as the reporter json-summary writes it. */
export type FileLines = { readonly lines: { readonly total: number; readonly covered: number } };

/** `summary` has each file by its absolute path, and `total`. */
export function coverageTable(summary: Readonly<Record<string, FileLines>>, root: string): string {
  const files = Object.entries(summary).filter(([path]) => path !== 'total');
  const folders = Map.groupBy(files, ([path]) => relative(root, dirname(path)));
  const rows = [...[...folders].sort(([a], [b]) => (a < b ? -1 : 1)), ['all', files] as const].map(
    ([folder, inside]) => {
      const sum = (part: 'total' | 'covered') => inside.reduce((lines, [, file]) => lines + file.lines[part], 0);
      const [total, covered] = [sum('total'), sum('covered')];
      // Rounded down: 100 % is said of 100 % alone.
      const share = total === 0 ? 100 : Math.floor((1000 * covered) / total) / 10;
      return [folder, String(total), String(covered), `${share.toFixed(1)} %`] as const;
    },
  );
  const width = Math.max(...rows.map(([folder]) => folder.length));
  return [['folder', 'lines', 'run', ''] as const, ...rows]
    .map(([folder, total, covered, share]) =>
      `${folder.padEnd(width)}  ${total.padStart(6)}  ${covered.padStart(6)}  ${share.padStart(7)}`.trimEnd(),
    )
    .join('\n');
}

const FOLDER = 'coverage/lines';

if (import.meta.main) {
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--coverage',
      '--coverage.include=src/**/*.{ts,tsx}',
      '--coverage.reporter=json-summary',
      `--coverage.reportsDirectory=${FOLDER}`,
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
  if (status === 0) {
    const summary = JSON.parse(readFileSync(`${FOLDER}/coverage-summary.json`, 'utf8'));
    process.stdout.write(`\n${coverageTable(summary, process.cwd())}\n\nProcesses that tests start are not counted.\n`);
  }
}
