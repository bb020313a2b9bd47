/**
 * Composition root. `login` takes the short way: a person waits for its first prompt, so nothing is loaded before it that the
 * prompt does not need.
 */
import { leaveTerminalAtExit } from '../terminal/terminal-guard-leave.ts';
import { login } from './login.ts';
import { loginWords, parseLogin } from './login-arguments.ts';

const argv = process.argv.slice(2);
const words = loginWords(argv);

/** Set by the launcher when it turned echo and signals off. */
const quieted = process.env.GATEHOUSE_QUIETED !== undefined;
delete process.env.GATEHOUSE_QUIETED;

if (words !== undefined && parseLogin(words).kind !== 'help') {
  await login(words);
} else {
  if (quieted) leaveTerminalAtExit();
  const { runProgram } = await import('./program.ts');
  await runProgram(argv);
}
