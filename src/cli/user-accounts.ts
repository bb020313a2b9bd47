/** gatehouse user add | set | passwd | disable | enable | unlock | remove: one account at a time. */
import { type Command, Option } from 'commander';
import type { PasswordChoice } from '../core/directory/password-choice.ts';
import { summaryOf } from '../core/directory/user-summary.ts';
import { Fault } from '../core/errors.ts';
import type { User } from '../core/ports.ts';
import { ROLES, type Role } from '../core/user.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, callOf, namedUser, type Opened, printResult, withFacility } from './call.ts';
import { consent } from './consent.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { newSecretFromTerminal, secretFromStdin } from './typed-secret.ts';

type AddOptions = {
  readonly display?: string;
  readonly group?: string;
  readonly role?: Role;
  readonly passwordStdin?: boolean;
  readonly password: boolean;
  readonly mustChange?: boolean;
};

type SetOptions = {
  readonly display?: string;
  readonly group?: string;
  readonly role?: Role;
  readonly mustChangePassword?: boolean;
};

type PasswdOptions = { readonly passwordStdin?: boolean; readonly generate?: boolean; readonly mustChange?: boolean };

export function addAccountCommands(user: Command): void {
  user
    .command('add')
    .argument('<name>', 'user name')
    .description('add a user, with a generated initial password unless told otherwise')
    .option('--display <text>', 'name as people read it')
    .option('--group <group>', 'group, for staged roll-outs')
    .addOption(roleOption())
    .option('--password-stdin', 'read the password from the first line of stdin')
    .option('--no-password', 'no password: for hosts that check their own')
    .option('--must-change', 'with --password-stdin: to be changed at the first log-on')
    .addHelpText('after', helpText({ examples: ['gatehouse user add alice --display "Alice Liddell" --group ward-3'] }))
    .action(async (name: string, options: AddOptions, command: Command) => add(callOf(command), name, options));
  user
    .command('set')
    .argument('<name>', 'user name')
    .description('change what is known of a user')
    .option('--display <text>', 'name as people read it')
    .option('--group <group>', 'group; empty for none')
    .addOption(roleOption())
    .option('--must-change-password', 'the password has to be changed at the next log-on')
    .option('--no-must-change-password', 'it need not')
    .addHelpText(
      'after',
      helpText({ examples: ['gatehouse user set alice --group ward-4', 'gatehouse user set bob --role helpdesk'] }),
    )
    .action(async (name: string, options: SetOptions, command: Command) => set(callOf(command), name, options));
  user
    .command('passwd')
    .argument('<name>', 'user name')
    .description('set a password; two-factor stays as it is')
    .option('--password-stdin', 'read it from the first line of stdin')
    .option('--generate', 'make an initial password and print it once')
    .option('--must-change', 'to be changed at the next log-on')
    .addHelpText(
      'after',
      helpText({ examples: ['gatehouse user passwd alice', 'gatehouse user passwd alice --generate'] }),
    )
    .action(async (name: string, options: PasswdOptions, command: Command) => passwd(callOf(command), name, options));
  addSwitch(user, 'disable', 'keep a user out until enabled again', 'is disabled');
  addSwitch(user, 'enable', 'let a disabled user in again', 'is enabled');
  addSwitch(user, 'unlock', 'forget the failed log-ons of a user', 'is unlocked');
  user
    .command('remove')
    .argument('<name>', 'user name')
    .description('remove a user for good, with secret and codes')
    .option('--yes', 'do not ask')
    .addHelpText('after', helpText({ examples: ['gatehouse user remove alice --yes'] }))
    .action(async (name: string, options: { yes?: boolean }, command: Command) =>
      remove(callOf(command), name, options),
    );
}

export function roleOption(): Option {
  return new Option('--role <role>', 'what the user may do in the console').choices(ROLES);
}

async function add(call: Call, name: string, options: AddOptions): Promise<void> {
  const password = await addedPassword(options);
  const { display, group, role } = options;
  const account = { name, password, ...given({ display, group, role }) };
  await withFacility(call, async ({ facility, directory, actor }) => {
    const added = accepted(await directory.addUser(actor, account));
    const { initialPassword } = added;
    const json = { ...summaryOf(added.user, facility.clock.now()), ...given({ initialPassword }) };
    printResult(call, { text: withPassword(`${inert(added.user.name)} is added.`, initialPassword), json });
  });
}

async function addedPassword(options: AddOptions): Promise<PasswordChoice> {
  if (options.passwordStdin === true && !options.password) {
    throw new Fault('usage', '--password-stdin and --no-password exclude each other.');
  }
  if (options.passwordStdin === true) return givenPassword(await secretFromStdin(), options);
  if (options.mustChange === true) {
    throw new Fault(
      'usage',
      '--must-change goes with --password-stdin; a generated password has to be changed anyway.',
    );
  }
  return { kind: options.password ? 'generated' : 'none' };
}

async function set(call: Call, name: string, options: SetOptions): Promise<void> {
  const { display, group, role, mustChangePassword } = options;
  const changes = given({ display, group, role, mustChangePassword });
  if (Object.keys(changes).length === 0) {
    throw new Fault('usage', 'There is nothing to change.', { hint: 'gatehouse user set --help' });
  }
  await withUser(call, name, async ({ directory, actor, facility }, user) => {
    const edit = { id: user.id, expectedVersion: user.version, changes };
    const edited = accepted(await directory.editUser(actor, edit));
    printResult(call, { text: `${inert(user.name)} is changed.`, json: summaryOf(edited.user, facility.clock.now()) });
  });
}

async function passwd(call: Call, name: string, options: PasswdOptions): Promise<void> {
  if (options.generate === true && (options.passwordStdin === true || options.mustChange === true)) {
    throw new Fault('usage', '--generate goes without the other options.');
  }
  await withUser(call, name, async ({ directory, actor, facility }, user) => {
    const password = await newPassword(user, options);
    const outcome = accepted(await directory.setPassword(actor, { id: user.id, password }));
    const { initialPassword } = outcome;
    const json = { ...summaryOf(outcome.user, facility.clock.now()), ...given({ initialPassword }) };
    printResult(call, { text: withPassword(`The password of ${inert(user.name)} is set.`, initialPassword), json });
  });
}

async function newPassword(user: User, options: PasswdOptions): Promise<PasswordChoice> {
  if (options.generate === true) return { kind: 'generated' };
  if (options.passwordStdin === true) return givenPassword(await secretFromStdin(), options);
  const typed = await newSecretFromTerminal(`New password of ${inert(user.name)}`);
  if (typed === '') throw new Fault('cancelled', 'No password was typed; nothing was changed.');
  return givenPassword(typed, options);
}

function givenPassword(password: string, options: { readonly mustChange?: boolean }): PasswordChoice {
  return { kind: 'given', password, thereafter: options.mustChange === true ? 'must-change' : 'stays' };
}

function addSwitch(user: Command, verb: 'disable' | 'enable' | 'unlock', description: string, said: string): void {
  user
    .command(verb)
    .argument('<name>', 'user name')
    .description(description)
    .addHelpText('after', helpText({ examples: [`gatehouse user ${verb} alice`] }))
    .action(async (name: string, _options: object, command: Command) => {
      const call = callOf(command);
      await withUser(call, name, async ({ directory, actor, facility }, found) => {
        const operation = {
          disable: directory.disableUser,
          enable: directory.enableUser,
          unlock: directory.unlockUser,
        };
        const { user: changed } = accepted(await operation[verb](actor, found.id));
        printResult(call, { text: `${inert(found.name)} ${said}.`, json: summaryOf(changed, facility.clock.now()) });
      });
    });
}

async function remove(call: Call, name: string, options: { readonly yes?: boolean }): Promise<void> {
  await withUser(call, name, async ({ directory, actor }, user) => {
    await consent(`${inert(user.name)} will be removed for good.`, options);
    accepted(await directory.removeUser(actor, user.id));
    printResult(call, { text: `${inert(user.name)} is removed.`, json: { removed: user.name } });
  });
}

function withUser<T>(call: Call, name: string, work: (opened: Opened, user: User) => Promise<T>): Promise<T> {
  return withFacility(call, async (opened) => work(opened, await namedUser(opened.directory, name)));
}

function withPassword(said: string, initialPassword: string | undefined): string {
  if (initialPassword === undefined) return said;
  return `${said}\nInitial password, shown this once: ${initialPassword}\nIt has to be changed at the first log-on, within 7 days.`;
}
