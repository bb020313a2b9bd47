/**
 * Composition root. `login` takes the short way: a person waits for its first prompt, so nothing is loaded before it that the
 * prompt does not need.
 */
import './node-version.ts';
import { leaveTerminalAtExit } from '../terminal/terminal-guard-leave.ts';
import { login } from './login.ts';
import { loginWords, parseLogin } from './login-arguments.ts';
import { takePreparedTerminal } from './prepared-terminal.ts';

main(process.argv.slice(2)).catch(broken);

async function main(argv: readonly string[]): Promise<void> {
  const prepared = takePreparedTerminal(process.env);
  const words = loginWords(argv);
  if (words !== undefined && parseLogin(words).kind !== 'help') return login(words, prepared);
  if (prepared !== 'unknown') leaveTerminalAtExit();
  const { runProgram } = await import('./program.ts');
  return runProgram(argv);
}

/** The package is damaged, or something broke that nobody foresaw. */
function broken(thrown: unknown): void {
  process.exitCode = 70;
  process.stderr.write(
    `gatehouse: The program could not go on: ${thrown instanceof Error ? thrown.message : thrown}\n`,
  );
}
