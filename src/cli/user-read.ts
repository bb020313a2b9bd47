/** gatehouse user list | show. */
import { type Command, Option } from 'commander';
import { phoneClock, phoneClockText } from '../core/clock-drift.ts';
import { tidyText } from '../core/directory/account-text.ts';
import { isoTime, summaryOf, type UserSummary } from '../core/directory/user-summary.ts';
import { recentCodeMatches } from '../core/node/code-matches.ts';
import type { User, UserFilter } from '../core/ports.ts';
import { TWO_FACTOR_STATES, type TwoFactorState } from '../core/two-factor.ts';
import { type Call, callOf, namedUser, printResult, withFacility } from './call.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { listText, tableText } from './table.ts';

type ListOptions = { readonly state?: TwoFactorState; readonly group?: string; readonly search?: string };

export function addReadCommands(user: Command): void {
  user
    .command('list')
    .description('list users')
    .addOption(new Option('--state <state>', 'only those whose two-factor is so').choices(TWO_FACTOR_STATES))
    .option('--group <group>', 'only those of the group')
    .option('--search <text>', 'only those with the text in name, display name or group')
    .addHelpText(
      'after',
      helpText({ examples: ['gatehouse user list --state required', 'gatehouse user list --group ward-3 --json'] }),
    )
    .action(async (options: ListOptions, command: Command) => list(callOf(command), options));
  user
    .command('show')
    .argument('<name>', 'user name')
    .description('show one user')
    .addHelpText('after', helpText({ examples: ['gatehouse user show alice'] }))
    .action(async (name: string, _options: object, command: Command) => show(callOf(command), name));
}

async function list(call: Call, { state, group, search }: ListOptions): Promise<void> {
  await withFacility(call, async ({ facility, directory }) => {
    const filter: UserFilter = given({ state, group: group === undefined ? undefined : tidyText(group), search });
    const now = facility.clock.now();
    const users = (await directory.users(filter)).map((user) => summaryOf(user, now));
    printResult(call, { text: usersTable(users), json: users });
  });
}

async function show(call: Call, name: string): Promise<void> {
  await withFacility(call, async ({ facility, directory }) => {
    const user = await namedUser(directory, name);
    const now = facility.clock.now();
    const summary = summaryOf(user, now);
    if (call.form === 'json') return printResult(call, { text: '', json: summary });
    // An audit trail that cannot be read is for `doctor` to say.
    const matches = await recentCodeMatches(facility.trail, now).catch(() => []);
    const phone = phoneClockText(phoneClock(matches, user.name));
    printResult(call, { text: userText(user, summary, phone), json: summary });
  });
}

function usersTable(users: readonly UserSummary[]): string {
  const heading = ['NAME', '2FA', 'STATUS', 'ROLE', 'LAST LOG-ON', 'GROUP', 'DISPLAY NAME'];
  const rows = users.map((user) => [
    user.name,
    user.twoFactor,
    user.status,
    user.role,
    minute(user.lastLogin) ?? 'never',
    user.group,
    user.display,
  ]);
  return `${tableText(heading, rows)}\n${users.length === 1 ? '1 user' : `${users.length} users`}`;
}

function userText(user: User, summary: UserSummary, phone: string | undefined): string {
  const { requiredFrom } = user.twoFactor;
  const entries: (readonly [string, string])[] = [
    ['Name', summary.name],
    ['Display name', summary.display],
    ['Group', summary.group],
    ['Role', summary.role],
    ['Status', summary.lockedUntil === null ? summary.status : `${summary.status}, until ${summary.lockedUntil}`],
    ['Two-factor', requiredFrom === null ? summary.twoFactor : `${summary.twoFactor}, from ${isoTime(requiredFrom)}`],
    ['Password', passwordText(user)],
    ['Last log-on', minute(summary.lastLogin) ?? 'never'],
    ['Added', minute(isoTime(user.createdAt)) ?? ''],
    ...(phone === undefined ? [] : [["Phone's clock", phone] as const]),
  ];
  return listText(entries);
}

function passwordText(user: User): string {
  if (user.passwordHash === null) return 'none';
  if (!user.mustChangePassword) return 'set';
  const until = isoTime(user.passwordExpiresAt);
  return until === null ? 'set, to be changed at the next log-on' : `initial, to be changed before ${until}`;
}

/** `2026-11-24 03:15Z`: a table of people needs no seconds. */
function minute(iso: string | null): string | undefined {
  return iso === null ? undefined : `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
}
