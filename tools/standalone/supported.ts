/** Where a single-file program can be made; elsewhere the build ends with a sentence, and status 69 (unavailable, SPEC §4). */
import { existsSync } from 'node:fs';

export function refuseElsewhere(): void {
  const problem = problemHere();
  if (problem === undefined) return;
  process.stderr.write(`build:standalone: ${problem}\n`);
  process.exit(69);
}

function problemHere(): string | undefined {
  if (process.platform !== 'linux') {
    return `The single-file program is made on Linux so far; on ${process.platform} a changed executable would have to be signed anew.`;
  }
  if (!hasGlibc()) return 'The single-file program is made for systems with glibc; this one has another C library.';
  if (!existsSync('dist/gatehouse.cjs')) return 'dist/gatehouse.cjs is missing: run npm run build before.';
  return undefined;
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}
