/** Everything that is wrong with what was to be imported, each with its place. */
import { Fault } from '../core/errors.ts';
import { type PlacedProblem, placeText } from '../core/import/foreign-secrets.ts';
import type { Call } from './call.ts';
import { remark } from './output.ts';

export type PlacedWords = {
  /** What came of it: "nobody was added". */
  readonly outcome: string;
  readonly hint: string;
};

/** `file:line: text` for each goes to stderr before the sentence; with --json they are in it. */
export function placedFault(call: Call, problems: readonly PlacedProblem[], { outcome, hint }: PlacedWords): Fault {
  const shown = problems.slice(0, MOST_SHOWN).map(problemLine);
  if (problems.length > shown.length) shown.push(`... and ${problems.length - shown.length} more`);
  if (call.form === 'text') for (const line of shown) remark(line);
  const lines = problems.every(({ place }) => place.line !== null) ? 'line' : 'thing';
  const count = problems.length === 1 ? `1 ${lines} is` : `${problems.length} ${lines}s are`;
  const list = call.form === 'json' ? ` ${shown.join('; ')}` : '';
  return new Fault('bad-data', `${count} wrong; ${outcome}.${list}`, { hint });
}

export function problemLine({ place, text }: PlacedProblem): string {
  return `${placeText(place)}: ${text.replace(/\.$/, '')}`;
}

const MOST_SHOWN = 50;
