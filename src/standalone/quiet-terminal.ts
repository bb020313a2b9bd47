/** What bin/gatehouse does to the terminal before Node is up; here it is as early as a program without a launcher can. */
import { isTerminal } from '../terminal/is-terminal.ts';
import { makeQuiet } from '../terminal/terminal-guard-leave.ts';

/** Where a password will be asked: a sane terminal, but for echo and signals. `words` is what stands behind the program's name. */
export function quietTerminal(words: readonly string[]): void {
  if (asksForPassword(words) && isTerminal(0) && makeQuiet()) process.env.GATEHOUSE_QUIETED = '1';
}

/** The same commands as in bin/gatehouse. */
function asksForPassword(words: readonly string[]): boolean {
  const [command = '', second = ''] = behindConfig(words);
  switch (command) {
    case 'login':
    case 'init':
    case '':
      return true;
    case 'user':
      return second === 'add' || second === 'passwd';
    default:
      return false;
  }
}

function behindConfig(words: readonly string[]): readonly string[] {
  if (words[0] === '--config') return words.slice(2);
  return words[0]?.startsWith('--config=') ? words.slice(1) : words;
}
