/** How `gatehouse login` stands in the help and in completions; the command itself is read by login-arguments.ts. */
import { type Command, Option } from 'commander';
import { Fault } from '../core/errors.ts';
import { FRONT_ENDS } from '../terminal/front-end.ts';
import { helpText } from './help-text.ts';

const LOGIN_HELP =
  'With -- COMMAND the gate becomes that command on a grant, with GATEHOUSE_USER and GATEHOUSE_METHOD in its environment; with nothing granted it never runs. Without, the exit status says it: 0 granted, 77 denied, 130 cancelled, 69 and 75 unavailable, 78 configuration.';

export function addLoginHelp(program: Command): void {
  program
    .command('login')
    .description('ask a person for name, password and code; 0 when granted')
    .option('--user <name>', 'the name is known')
    .option('--terminal <name>', 'where the person sits, for the audit trail')
    .addOption(new Option('--front-end <kind>', 'how to ask').choices(FRONT_ENDS))
    .option('--result-fd <number>', 'write the verdict there as one JSON line')
    .option('--nonce <text>', 'comes back in the verdict')
    .argument('[command...]', 'behind --: what to become')
    .addHelpText(
      'after',
      helpText({
        paragraph: LOGIN_HELP,
        examples: ['gatehouse login -- /usr/bin/plato', 'gatehouse login --front-end json'],
      }),
    )
    .action(() => {
      // main.ts takes the short way to it: only --json or another option before the word login leads here.
      throw new Fault('usage', 'login takes no options before its name but --config.', {
        hint: 'gatehouse login --help',
      });
    });
}
