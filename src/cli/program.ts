/** Every command but `login`. */
import { EXIT_STATUS } from '../core/errors.ts';

/** `argv` begins behind the program's name. Sets the exit status. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  process.stderr.write(`gatehouse: There is no command ${argv[0] ?? ''} yet.\n`);
  process.exitCode = EXIT_STATUS.usage;
}
