/** docs/mutation.md, whole. */
import { figuresTable, survivorList, type Tried } from './report.ts';

export function documentOf(
  tried: readonly Tried[],
  { all, seed }: { readonly all: number; readonly seed: number },
): string {
  const extent =
    tried.length === all
      ? `All ${all} mutants were tried.`
      : `A sample: ${tried.length} of ${all} mutants, drawn by seed ${seed}, evenly over all files. Other seeds draw others.`;
  return `# What the tests notice

A passing test proves little if it would pass without the code as well. \`npm run mutation\` therefore plants small faults in
the login, the store and the audit trail, one at a time, and runs the tests that reach the changed place: a mutant is *killed*
where one of them fails, *timed out* where one no longer ends, and else it *survived*.

The faults: a condition that always or never applies, \`<\` for \`<=\`, \`&&\` for \`||\`, \`true\` for \`false\`, plus for minus, a
statement or a block left out, an object not returned, \`filter\` or \`sort\` left out, and in SQL a comparison, \`AND\`, \`IS NULL\` or
\`DESC\` changed. Texts are left alone: the compiler checks the codes among them, and the wording of a message is no behaviour.

Judges are the tests that run in one process. Not counted, although they exist: tests with real processes, terminals and
PostgreSQL servers; so the engine for PostgreSQL is not mutated. A mutant meets the ${40} quickest tests that reach it, for
twelve seconds at most; what only a slower test would notice counts as survived.

${extent}

${figuresTable(tried)}

## Survivors, and why no test has to find them

This page is written by \`npm run mutation\`, the reasons by people, in \`tools/mutation/accepted.ts\`.

${survivorList(tried)}
`;
}
