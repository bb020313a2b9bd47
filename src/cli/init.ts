/** gatehouse init: a new facility. */
import { type Command, Option } from 'commander';
import { LABEL_RULE, labelAdvice, labelProblem, labelProblemText } from '../core/config/label.ts';
import type { Mode } from '../core/config/model.ts';
import { parsePostgresUrl } from '../core/config/postgres-url.ts';
import { Fault } from '../core/errors.ts';
import { newConfigPath } from '../core/node/config-search.ts';
import { shellWord } from '../core/node/file-fault.ts';
import { type InitRequest, initFacility } from '../core/node/init.ts';
import { inert } from '../core/visible-text.ts';
import { type Call, callOf, configSearch, printResult, thisShell } from './call.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';
import { newSecretFromTerminal, secretFromStdin } from './typed-secret.ts';

type InitOptions = {
  readonly mode: Mode['kind'];
  readonly label?: string;
  readonly admin: string;
  readonly passwordStdin?: boolean;
  readonly storeUrl?: string;
};

const INIT_HELP =
  'Writes config.ini (where --config or $GATEHOUSE_CONFIG says, else in this folder), the data folder beside it, the key, the database and the first administrator, with two-factor required unless the mode is off. Overwrites nothing. Without --password-stdin the password is asked for at a terminal; else, or where nothing is typed, one is made and printed once.';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('set a new facility up')
    .addOption(
      new Option('--mode <mode>', 'who hands out QR codes').choices(['auto', 'central', 'off']).makeOptionMandatory(),
    )
    .option('--label <label>', 'what authenticator apps show: facility and system type')
    .requiredOption('--admin <name>', 'user name of the first administrator')
    .option('--password-stdin', 'read the password from the first line of stdin')
    .option('--store-url <url>', 'keep the database in this PostgreSQL server')
    .addHelpText(
      'after',
      helpText({
        paragraph: INIT_HELP,
        examples: ['gatehouse init --mode auto --label "Codectomy St Elsewhere LIVE" --admin root'],
      }),
    )
    .action(async (options: InitOptions, command: Command) => init(callOf(command), options));
}

async function init(call: Call, options: InitOptions): Promise<void> {
  const mode = modeOf(options);
  const { admin, configFile, initialPassword } = await initFacility({
    configFile: newConfigPath(configSearch(call)),
    mode,
    adminName: options.admin,
    password: await firstPassword(options),
    actor: thisShell(),
    ...given({ storeUrl: storeUrlOf(options) }),
  });
  const lines = [`The facility is set up: ${inert(configFile)}`, `Administrator: ${inert(admin.name)}`];
  if (initialPassword !== undefined) {
    lines.push(
      `Initial password, shown this once: ${initialPassword}`,
      'It has to be changed at the first log-on, within 7 days.',
    );
  }
  const json = { config: configFile, admin: admin.name, mode: mode.kind, ...given({ initialPassword }) };
  printResult(call, { text: lines.join('\n'), json });
  if (call.form === 'text') for (const line of nextSteps(mode, admin.name)) remark(line);
}

/** A password would stand in the list of processes, for everybody to read. */
function storeUrlOf({ storeUrl }: InitOptions): string | undefined {
  if (storeUrl === undefined) return undefined;
  const address = parsePostgresUrl(storeUrl);
  if (!address.ok) throw new Fault('usage', `--store-url: ${address.wrong}.`, { hint: `${address.right}.` });
  if (address.value.password === undefined) return storeUrl;
  throw new Fault('usage', '--store-url may not hold a password.', {
    hint: 'Put it into a file in the format of ~/.pgpass, and name that: ?passfile=/var/lib/gatehouse/pgpass',
  });
}

function modeOf({ mode, label }: InitOptions): Mode {
  if (mode === 'off') {
    if (label !== undefined) throw new Fault('usage', '--label goes with --mode auto or central.');
    return { kind: 'off' };
  }
  if (label === undefined) throw new Fault('usage', `--mode ${mode} needs a --label.`, { hint: LABEL_RULE });
  const problem = labelProblem(label);
  if (problem !== undefined)
    throw new Fault('usage', `That label does not do: ${labelProblemText(problem)}.`, { hint: LABEL_RULE });
  return { kind: mode, label: label.trim() };
}

async function firstPassword({ passwordStdin, admin }: InitOptions): Promise<InitRequest['password']> {
  if (passwordStdin !== true && !process.stdin.isTTY) return { kind: 'generated' };
  const password =
    passwordStdin === true
      ? await secretFromStdin()
      : await newSecretFromTerminal(`Password of ${inert(admin)} (Enter: make one)`);
  return password === '' ? { kind: 'generated' } : { kind: 'given', password, thereafter: 'stays' };
}

function nextSteps(mode: Mode, adminName: string): readonly string[] {
  switch (mode.kind) {
    case 'auto': {
      const advice = labelAdvice(mode.label);
      return [
        ...(advice === undefined ? [] : [advice]),
        'Next: gatehouse login, to pair a phone; gatehouse user add NAME.',
      ];
    }
    case 'central':
      return [
        `Next: gatehouse 2fa qr ${shellWord(inert(adminName))}, to pair your phone; without it there is no entry.`,
      ];
    case 'off':
      return ['Two-factor is off. To switch it on: gatehouse config set 2FA "Auto:<facility and system>"'];
  }
}
