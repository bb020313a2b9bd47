/** docs/mutation.md, whole. */
import { figuresTable, survivorList, type Tried } from './report.ts';
import { MOST_MILLISECONDS, MOST_TESTS } from './trials.ts';

type Extent = { readonly all: number; readonly seed: number };

export function documentOf(tried: readonly Tried[], { all, seed }: Extent): string {
  return `# What the tests notice

A passing test proves little if it would pass without the code as well. \`npm run mutation\` therefore plants small
faults in the login, the store and the audit trail, one at a time, and runs the tests that reach the changed place. A
mutant is *killed* where one of them fails, and *timed out* where one no longer ends; else it *survived*.

The faults: a condition that always or never applies, \`<\` for \`<=\`, \`&&\` for \`||\`, \`true\` for \`false\`, plus for minus,
a statement or a block left out, an object not returned, \`filter\` or \`sort\` left out, and in SQL a comparison, \`AND\`,
\`IS NULL\` or \`DESC\` changed. Texts are not changed: the compiler checks the codes among them, and the wording of a
message is no behaviour.

The judges are the tests that run in one process. Tests with real processes, terminals and PostgreSQL servers exist, and
are not asked; the engine for PostgreSQL is therefore not mutated. A mutant meets the ${MOST_TESTS} quickest tests that reach it,
as many as take ${MOST_MILLISECONDS / 1000} seconds together, and the quick ones of the file's own test file: what only another test
would notice counts as survived. What is computed once, when a module is loaded, is not changed.

${extentOf(tried, { all, seed })}

${figuresTable(tried)}

## Survivors

\`npm run mutation\` writes this page. The reasons are in \`tools/mutation/accepted.json\`. A survivor without one
makes it exit 1: there the test is still to be written, or to be run against it.

${survivorList(tried)}
`;
}

function extentOf(tried: readonly Tried[], { all, seed }: Extent): string {
  const extent =
    tried.length === all
      ? `All ${all} mutants were tried.`
      : `These figures are of a sample: ${tried.length} of ${all} mutants, drawn by seed ${seed}, evenly over all files.`;
  const open = tried.filter(({ verdict }) => verdict.kind === 'survived' && verdict.left > 0).length;
  if (open === 0) return extent;
  return `${extent}\nThe run was ended before ${open} of the survivors had met all of their tests.`;
}
