/** gatehouse audit list | verify: what happened, and whether the trail of it is whole. */
import type { Command } from 'commander';
import { EXIT_STATUS } from '../core/errors.ts';
import type { AuditQuery } from '../core/node/audit-read.ts';
import type { AuditRecord } from '../core/node/audit-record.ts';
import { type AuditTrail, openAuditTrail } from '../core/node/audit-trail.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { readKeyRing } from '../core/node/key-file.ts';
import { systemClock } from '../core/node/system-clock.ts';
import { tidyName } from '../core/user.ts';
import { type Call, callOf, configFileOf, printResult } from './call.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { readSince } from './moment.ts';
import { drawn, printLine } from './output.ts';

type ListOptions = { readonly since?: string; readonly user?: string; readonly follow?: boolean };

const LIST_HELP =
  "One record a line, oldest first; with --json an array, or with --follow one JSON object a line. TIME is 2027-01-31, 2027-01-31T08:00 (this host's time zone), or how long ago: 30m, 24h, 7d.";

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the audit trail: look, verify');
  audit
    .command('list')
    .description('print the records of the trail')
    .option('--since <time>', 'only from then on')
    .option('--user <name>', 'only what this user did, or had done to them')
    .option('--follow', 'go on with new records as they come')
    .addHelpText(
      'after',
      helpText({
        paragraph: LIST_HELP,
        examples: ['gatehouse audit list --since 24h', 'gatehouse audit list --user alice --follow'],
      }),
    )
    .action(async (options: ListOptions, command: Command) => list(callOf(command), options));
  audit
    .command('verify')
    .description('check that no record was changed, removed, moved or cut off')
    .addHelpText('after', helpText({ examples: ['gatehouse audit verify --json'] }))
    .action(async (_options: object, command: Command) => verify(callOf(command)));
}

async function list(call: Call, { since, user, follow }: ListOptions): Promise<void> {
  const query: AuditQuery = given({
    since: since === undefined ? undefined : readSince('--since', since, systemClock.now()),
    user: user === undefined ? undefined : tidyName(user),
  });
  await withTrail(call, async (trail) => {
    if (follow === true) {
      const records = trail.follow({ ...query, signal: interrupted() });
      for await (const record of records) printLine(call.form === 'json' ? JSON.stringify(record) : recordText(record));
    } else if (call.form === 'json') {
      await printArray(trail.read(query));
    } else {
      for await (const record of trail.read(query)) printLine(recordText(record));
    }
  });
}

async function withTrail<T>(call: Call, work: (trail: AuditTrail) => Promise<T>): Promise<T> {
  const { config } = readConfigFile(configFileOf(call));
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock });
  return work(trail).finally(() => trail.close());
}

/** As it is read: a trail may be longer than memory. */
async function printArray(records: AsyncIterable<AuditRecord>): Promise<void> {
  let separator = '[\n';
  for await (const record of records) {
    process.stdout.write(`${separator}  ${JSON.stringify(record)}`);
    separator = ',\n';
  }
  process.stdout.write(separator === '[\n' ? '[]\n' : '\n]\n');
}

async function verify(call: Call): Promise<void> {
  const { ok, records, firstBroken, host } = await withTrail(call, (trail) => trail.verify());
  const text = ok
    ? `All ${records} records are whole.`
    : host === undefined
      ? `Record ${firstBroken} is broken; the ${records} before it are whole.`
      : `Record ${firstBroken} of ${drawn(host)} is broken; of all hosts, ${records} records are whole.`;
  printResult(call, { text, json: { ok, records, firstBroken, ...given({ host }) } });
  if (!ok) process.exitCode = EXIT_STATUS['bad-data'];
}

function recordText({ at, event, actor, user, terminal, detail, count, stepsOff, found }: AuditRecord): string {
  const parts = [
    at,
    event,
    user === undefined ? '' : `user=${quoted(user)}`,
    actor === undefined ? '' : `by=${quoted(actor)}`,
    terminal === undefined ? '' : `terminal=${quoted(terminal)}`,
    detail === undefined ? '' : `detail=${quoted(detail)}`,
    count === undefined ? '' : `count=${count}`,
    stepsOff === undefined ? '' : `steps-off=${stepsOff}`,
    found === undefined ? '' : `found=${found}`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** Inert, and quoted where a space would make two fields of it. */
function quoted(text: string): string {
  const shown = drawn(text);
  return /[\s"=]/.test(shown) ? JSON.stringify(shown) : shown;
}

/** Ctrl-C ends `--follow` in good order. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
