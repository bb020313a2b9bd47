/**
 * Composition root. `login` takes the short way: a person waits for its first prompt, so nothing is loaded before it that the
 * prompt does not need.
 */
import './node-version.ts';
import { leaveTerminalAtExit } from '../terminal/terminal-guard-leave.ts';
import { login } from './login.ts';
import { loginWords, parseLogin } from './login-arguments.ts';

void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  /** Set by the launcher when it turned echo and signals off. */
  const quieted = process.env.GATEHOUSE_QUIETED !== undefined;
  delete process.env.GATEHOUSE_QUIETED;
  const words = loginWords(argv);
  if (words !== undefined && parseLogin(words).kind !== 'help') return login(words);
  if (quieted) leaveTerminalAtExit();
  const { runProgram } = await import('./program.ts');
  return runProgram(argv);
}
