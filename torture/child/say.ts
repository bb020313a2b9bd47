/** What a child tells its parent: a line on stdout, not counted among the calls of its work. */
import { writeSync } from 'node:fs';
import { faulty } from '../counted-calls.ts';

export function say(line: string): void {
  faulty({}, () => writeSync(1, `${line}\n`));
}
