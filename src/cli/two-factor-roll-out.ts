/** gatehouse 2fa status | require: the staged roll-out. */
import type { Command } from 'commander';
import { tidyText } from '../core/directory/account-text.ts';
import type { RollOutStatus } from '../core/directory/directory.ts';
import { IDLE_DAYS, type Rehearsal, type Required, type RollOut } from '../core/directory/roll-out.ts';
import { Fault } from '../core/errors.ts';
import type { Selection, User } from '../core/ports.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, callOf, namedUser, type Opened, printResult, withFacility } from './call.ts';
import { helpText } from './help-text.ts';
import { readMoment } from './moment.ts';
import { remark } from './output.ts';
import { listText } from './table.ts';

type RequireOptions = {
  readonly all?: boolean;
  readonly group?: string;
  readonly from?: string;
  readonly dryRun?: boolean;
};

const WHOM =
  'Exactly one of --all, --group or names. Users whose two-factor is on already are left as they are. With --from, users are asked to pair at each log-on and may say "later" until then; DATE is 2027-01-31 (its beginning, in this host\'s time zone) or a time such as 2027-01-31T08:00 or 2027-01-31T08:00Z.';

export function addRollOutCommands(twoFactor: Command): void {
  twoFactor
    .command('status')
    .description('mode, label, and how many users are in which state')
    .addHelpText('after', helpText({ examples: ['gatehouse 2fa status --json'] }))
    .action(async (_options: object, command: Command) => status(callOf(command)));
  twoFactor
    .command('require')
    .argument('[names...]', 'user names')
    .description('activate two-factor: from then on nobody of them logs on without it')
    .option('--all', 'all users')
    .option('--group <group>', 'all users of a group')
    .option('--from <date>', 'until then users may say "later"')
    .option('--dry-run', 'say who would be affected, change nothing')
    .addHelpText(
      'after',
      helpText({
        paragraph: WHOM,
        examples: ['gatehouse 2fa require --all --dry-run', 'gatehouse 2fa require --group ward-3 --from 2027-01-31'],
      }),
    )
    .action(async (names: string[], options: RequireOptions, command: Command) =>
      require2fa(callOf(command), names, options),
    );
}

async function status(call: Call): Promise<void> {
  await withFacility(call, async ({ directory }) => {
    const found = await directory.status();
    printResult(call, { text: statusText(found), json: found });
  });
}

async function require2fa(call: Call, names: readonly string[], options: RequireOptions): Promise<void> {
  const ways = [names.length > 0, options.all === true, options.group !== undefined].filter(Boolean);
  if (ways.length !== 1) {
    throw new Fault('usage', 'Say whom: --all, --group GROUP, or names.', { hint: 'gatehouse 2fa require --help' });
  }
  const from = options.from === undefined ? null : readMoment('--from', options.from);
  await withFacility(call, async (opened) => {
    const { directory, actor, facility } = opened;
    const rollOut: RollOut = { selection: await selectionOf(opened, names, options), from };
    if (options.dryRun === true) {
      const rehearsal = accepted(await directory.rehearse(actor, rollOut));
      printResult(call, { text: rehearsalText(rehearsal), json: rehearsalJson(rehearsal) });
      return;
    }
    const { activated, alreadyActive, skipped } = accepted(await directory.requireTwoFactor(actor, rollOut));
    if (facility.config.mode?.kind === 'off') {
      remark(
        'Two-factor is switched off for all by 2FA=Off in config.ini: nobody is asked for a code until that is changed.',
      );
    }
    printResult(call, {
      text: requiredText({ kind: 'required', activated, alreadyActive, skipped }),
      json: { activated, alreadyActive, skipped },
    });
  });
}

async function selectionOf(
  { directory }: Opened,
  names: readonly string[],
  options: RequireOptions,
): Promise<Selection> {
  if (options.all === true) return { kind: 'all' };
  if (options.group !== undefined) return { kind: 'group', group: await knownGroup(options.group, directory) };
  const users: User[] = [];
  for (const name of names) users.push(await namedUser(directory, name));
  return { kind: 'users', ids: users.map((user) => user.id) };
}

/** A group that nobody is in is a slip of the pen, and "0 activated" would hide it. */
async function knownGroup(typed: string, directory: Opened['directory']): Promise<string> {
  const group = tidyText(typed);
  if ((await directory.users({ group })).length > 0) return group;
  throw new Fault('not-found', `Nobody is in the group ${inert(group)}.`, { hint: 'gatehouse user list' });
}

function statusText({ mode, label, counts }: RollOutStatus): string {
  return listText([
    ['Mode', mode ?? 'none: config.ini has no 2FA setting'],
    ['Label', label ?? ''],
    ['off', String(counts.off)],
    ['required', String(counts.required)],
    ['issued', String(counts.issued)],
    ['paired', String(counts.paired)],
  ]);
}

function requiredText({ activated, alreadyActive, skipped }: Required): string {
  const lines = [`${activated} activated, ${alreadyActive} active already.`];
  for (const { name } of skipped) lines.push(skippedText(name));
  return lines.join('\n');
}

function skippedText(name: string): string {
  return `${inert(name)} is left out: no administrator could log on any more. Name the account (gatehouse 2fa require NAME), then show its QR code (gatehouse 2fa qr NAME).`;
}

function rehearsalText(rehearsal: Rehearsal): string {
  const { affected, alreadyActive, skipped, idle, adminsNeedingQr, pairing } = rehearsal;
  const lines = [`${affected.length} would be activated, ${alreadyActive} are active already. Nothing was changed.`];
  if (affected.length > 0) lines.push(PAIRING_TEXT[pairing], `Affected: ${namesText(affected)}`);
  if (idle.length > 0) lines.push(`Not logged on for ${IDLE_DAYS} days, or never: ${namesText(idle)}`);
  if (adminsNeedingQr.length > 0) {
    lines.push(`Administrators who would need their QR code from another one: ${namesText(adminsNeedingQr)}`);
  }
  for (const { name } of skipped) lines.push(skippedText(name));
  return lines.join('\n');
}

const PAIRING_TEXT: Readonly<Record<Rehearsal['pairing'], string>> = {
  'at-log-on': 'They pair a phone at their next log-on.',
  'by-administrator': 'They need their QR codes from an administrator before they can log on.',
  'not-asked': '2FA=Off in config.ini: nobody is asked for a code until that is changed.',
};

const NAMES_SHOWN = 20;

function namesText(users: readonly User[]): string {
  const names = users.slice(0, NAMES_SHOWN).map((user) => inert(user.name));
  const more = users.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function rehearsalJson(rehearsal: Rehearsal) {
  const names = (users: readonly User[]) => users.map((user) => user.name);
  return {
    dryRun: true,
    activated: rehearsal.affected.length,
    alreadyActive: rehearsal.alreadyActive,
    skipped: rehearsal.skipped,
    affected: names(rehearsal.affected),
    notLoggedOnFor90Days: names(rehearsal.idle),
    adminsNeedingQr: names(rehearsal.adminsNeedingQr),
    pairing: rehearsal.pairing,
  };
}
