/** The figures of a torment as text for people, a line a count. */
import type { Figures } from './run-torment.ts';
import type { Torment } from './torment.ts';

export function figuresText({ about }: Torment, { name, counts, seconds, failures }: Figures): string {
  const lines = [`${name}: ${about}`];
  for (const [what, count] of Object.entries(counts)) lines.push(`  ${numberText(count).padStart(11)}  ${what}`);
  lines.push(`  ${numberText(Math.round(seconds)).padStart(11)}  seconds`);
  lines.push(`  ${numberText(failures.length).padStart(11)}  failures`);
  for (const { text, command } of failures) lines.push(`  FAILED: ${text}`, `    again: ${command}`);
  return lines.join('\n');
}

export function progressText({ counted }: Torment, { name, counts, seconds }: Figures): string {
  return `${name}: ${numberText(counts[counted] ?? 0)} ${counted} after ${numberText(Math.round(seconds))} seconds`;
}

function numberText(count: number): string {
  return count.toLocaleString('en-GB');
}
