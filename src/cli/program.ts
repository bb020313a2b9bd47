/**
 * All commands but the start of `login`. Invariant: the exit status says "internal" until a command is through; what was thrown
 * comes out as a sentence and a next step, never as a stack trace.
 */
import { Command, CommanderError } from 'commander';
import { EXIT_STATUS, Fault, toFault } from '../core/errors.ts';
import { addAuditCommands } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { addCompletionCommand } from './completion.ts';
import { addConfigCommands } from './config.ts';
import { addDoctorCommand } from './doctor.ts';
import { exitStatusHelp } from './exit-status-table.ts';
import { helpText } from './help-text.ts';
import { addInitCommand } from './init.ts';
import { addKeyCommands } from './key.ts';
import { addLoginHelp } from './login-help.ts';
import { type OutputForm, printFault } from './output.ts';
import { addServeCommand } from './serve.ts';
import { addStoreCommands } from './store.ts';
import { addRollOutCommands } from './two-factor-roll-out.ts';
import { addTwoFactorUserCommands } from './two-factor-user.ts';
import { addAccountCommands } from './user-accounts.ts';
import { addExportCommand } from './user-csv.ts';
import { addImportCommand } from './user-import.ts';
import { addReadCommands } from './user-read.ts';
import { VERSION } from './version.ts';

/** `argv` begins behind the program's name. Sets the exit status. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  process.exitCode = EXIT_STATUS.internal;
  const form = formOf(argv);
  process.on('uncaughtException', (thrown) => process.exit(printFault(toFault(thrown), form)));
  // Whoever read the output has gone: there is nobody left to tell.
  process.stdout.on('error', () => process.exit(EXIT_STATUS.unavailable));
  try {
    const call = consoleCall(argv);
    if (call !== undefined) {
      const { runConsole } = await import('./console.ts');
      process.exitCode = await runConsole(call.config);
      return;
    }
    await createProgram().parseAsync([...argv], { from: 'user' });
    if (process.exitCode === EXIT_STATUS.internal) process.exitCode = 0;
  } catch (thrown) {
    process.exitCode = thrown instanceof CommanderError ? endOf(thrown, form) : printFault(toFault(thrown), form);
  }
}

/** The tree of commands; completion scripts are made from it too. */
export function createProgram(): Command {
  const program = new Command('gatehouse')
    .description('Two-factor login for programs that people use from terminals. Without a command: the console.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--config <file>', 'which configuration; else $GATEHOUSE_CONFIG, ./config.ini, /etc/gatehouse/config.ini')
    .option('--json', 'results and errors as JSON')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText(
      'after',
      helpText({
        paragraph: exitStatusHelp(),
        examples: [
          'gatehouse init --mode auto --label "Codectomy St Elsewhere LIVE" --admin root',
          'gatehouse user add alice',
          'gatehouse 2fa require --all --dry-run',
          'gatehouse login -- /usr/bin/plato',
        ],
      }),
    );
  addInitCommand(program);
  const user = program.command('user').description('users: add, list, change, import');
  addReadCommands(user);
  addAccountCommands(user);
  addImportCommand(user);
  addExportCommand(user);
  const twoFactor = program.command('2fa').description('two-factor: roll out, QR codes, lost phones');
  addRollOutCommands(twoFactor);
  addTwoFactorUserCommands(twoFactor);
  addConfigCommands(program);
  addAuditCommands(program);
  addKeyCommands(program);
  addStoreCommands(program);
  addBackupCommands(program);
  addDoctorCommand(program);
  addLoginHelp(program);
  addServeCommand(program);
  addCompletionCommand(program);
  return program;
}

/** Options are not understood yet where one of them is wrong; the form of that error is wanted all the same. */
function formOf(argv: readonly string[]): OutputForm {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json') ? 'json' : 'text';
}

/** No command, but perhaps --config: that is the console. */
function consoleCall(argv: readonly string[]): { readonly config: string | undefined } | undefined {
  const [first, value, ...rest] = argv;
  if (first === undefined) return { config: undefined };
  if (first === '--config' && value !== undefined && rest.length === 0) return { config: value };
  if (first.startsWith('--config=') && value === undefined) return { config: first.slice('--config='.length) };
  return undefined;
}

/** Help and version were asked for; all else is a call that is off. */
function endOf({ code, message }: CommanderError, form: OutputForm): number {
  switch (code) {
    case 'commander.helpDisplayed':
    case 'commander.version':
      return 0;
    // A group without a command: its help is on stderr already.
    case 'commander.help':
      return EXIT_STATUS.usage;
    default: {
      const text = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
      const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.)?]$/.test(text) ? '' : '.'}`;
      return printFault(new Fault('usage', sentence, { hint: 'Add --help to see how it is called.' }), form);
    }
  }
}
