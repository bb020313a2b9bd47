/** What came of a mutation run: figures by folder, and each survivor with the reason why no test has to find it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changeOf, lineOf } from './change.ts';
import type { Target } from './targets.ts';
import type { Verdict } from './trials.ts';

/** Survivors that no test has to find, as `changeOf` names them. */
type Accepted = { readonly why: string; readonly mutants: readonly string[] };

const ACCEPTED: readonly Accepted[] = JSON.parse(readFileSync(join(import.meta.dirname, 'accepted.json'), 'utf8'));

export type Tried = { readonly mutant: Target; readonly verdict: Verdict };

export type Figures = {
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
};

export function figuresOf(tried: readonly Tried[]): Figures {
  const count = (kind: Verdict['kind']) => tried.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    mutants: tried.length,
    killed: count('killed'),
    timedOut: count('timed-out'),
    survived: count('survived') + count('unreached'),
  };
}

export function shareKilled({ mutants, killed, timedOut }: Figures): number {
  return mutants === 0 ? 1 : (killed + timedOut) / mutants;
}

/** By folder; what lies in core/node and core itself is the audit trail. */
export function figuresByPart(tried: readonly Tried[]): ReadonlyMap<string, Figures> {
  const parts = Map.groupBy(tried, ({ mutant: { file } }) => (/audit/.test(file) ? 'audit trail' : dirname(file)));
  const names = [...parts.keys()].sort();
  return new Map([
    ...names.map((name) => [name, figuresOf(parts.get(name) ?? [])] as const),
    ['all', figuresOf(tried)],
  ]);
}

export function reasonFor(mutant: Target): string | undefined {
  const change = changeOf(mutant);
  return ACCEPTED.find(({ mutants }) => mutants.includes(change))?.why;
}

export function survivorsOf(tried: readonly Tried[]): readonly Tried[] {
  return tried.filter(({ verdict: { kind } }) => kind === 'survived' || kind === 'unreached');
}

export function figuresTable(tried: readonly Tried[]): string {
  const rows = [...figuresByPart(tried)].map(([name, figures]) => {
    const { mutants, killed, timedOut, survived } = figures;
    return `| ${name} | ${mutants} | ${killed} | ${timedOut} | ${survived} | ${(100 * shareKilled(figures)).toFixed(1)} % |`;
  });
  return ['| part | mutants | killed | timed out | survived | found |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** Survivors by reason, those without one first. */
export function survivorList(tried: readonly Tried[]): string {
  const groups = Map.groupBy(survivorsOf(tried), ({ mutant }) => reasonFor(mutant) ?? '');
  return [...groups]
    .sort(([a], [b]) => Number(a !== '') - Number(b !== ''))
    .map(([why, survivors]) => {
      const lines = survivors.map(({ mutant }) => `- ${quoted(changeOf(mutant))}`).sort();
      return `**${why === '' ? 'No reason given yet.' : why}**\n\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

function quoted(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** For whoever looks for the missing test. */
export function survivorDetails(tried: readonly Tried[]): string {
  return survivorsOf(tried)
    .filter(({ mutant }) => reasonFor(mutant) === undefined)
    .map(({ mutant, verdict }) => {
      const tests = verdict.kind === 'survived' ? `${verdict.tests} tests` : 'no test reaches it';
      return `${mutant.file}:${lineOf(mutant)}: ${changeOf(mutant)} (${tests})`;
    })
    .join('\n');
}
