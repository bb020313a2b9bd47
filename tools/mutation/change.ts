/**
 * A mutant as people read it, and as docs/mutation.md and the list of reasons name it: no line number, so that other
 * changes leave it as it is.
 */
import { basename } from 'node:path';
import type { Target } from './targets.ts';

const LONGEST = 90;

export function changeOf(mutant: Target): string {
  const { source, start, end } = mutant;
  if (end - start > 'false'.length) return shortChangeOf(mutant);
  const line = source.slice(source.lastIndexOf('\n', start) + 1, source.indexOf('\n', end));
  return `${shortChangeOf(mutant)} in ${differing(flat(line), '')[0]}`;
}

/** The same for each `true` of a file. */
export function shortChangeOf({ how, file, source, start, end, replacement }: Target): string {
  const [before, after] = differing(flat(source.slice(start, end)), flat(replacement));
  return `${basename(file)}: ${before} → ${how === 'skip' ? 'nothing' : after}`;
}

export function lineOf({ source, start }: Target): number {
  return source.slice(0, start).split('\n').length;
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Both whole where they are short; else around the first place where they differ. */
function differing(before: string, after: string): readonly [string, string] {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const from = before.length <= LONGEST ? 0 : Math.max(0, same - LONGEST / 2);
  const part = (text: string) => {
    const shown = text.slice(from, from + LONGEST);
    return `${from > 0 ? '…' : ''}${shown}${text.length > from + LONGEST ? '…' : ''}`;
  };
  return [part(before), part(after)];
}
