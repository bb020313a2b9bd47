/**
 * gatehouse audit list | verify | archive | accept-gap: what happened, whether the trail of it is whole, where its old
 * part goes, and how it goes on where a part was lost.
 */
import type { Command } from 'commander';
import { EXIT_STATUS, Fault } from '../core/errors.ts';
import type { AuditQuery } from '../core/node/audit-read.ts';
import type { AuditRecord } from '../core/node/audit-record.ts';
import { type AuditTrail, openAuditTrail } from '../core/node/audit-trail.ts';
import type { Expected } from '../core/node/audit-verify.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { readKeyRing } from '../core/node/key-file.ts';
import { systemClock } from '../core/node/system-clock.ts';
import { tidyName } from '../core/user.ts';
import { type Call, callOf, configFileOf, printResult, thisShell } from './call.ts';
import { consentInWords } from './consent.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { readMoment, readSince } from './moment.ts';
import { drawn, printLine } from './output.ts';

type ListOptions = { readonly since?: string; readonly user?: string; readonly follow?: boolean };
type VerifyOptions = { readonly expect?: string };
type ArchiveOptions = { readonly before: string };

const LIST_HELP =
  "One record a line, oldest first; with --json an array, or with --follow one JSON object a line. TIME is 2027-01-31, 2027-01-31T08:00 (this host's time zone), or how long ago: 30m, 24h, 7d. Where the database cannot be read, the records of the audit folder are printed, and then the error.";

const VERIFY_HELP = [
  'It also prints the end of the trail, as SEQ:MAC (with PostgreSQL CHAIN:SEQ:MAC, one for each chain). Note it elsewhere: with --expect, the same record has to be in the trail. `gatehouse serve` logs it when it starts and once a day.',
  'DIR is a folder that `gatehouse audit archive` has made. Without the database nothing can be verified, and the exit status is 75.',
].join('\n');

const ARCHIVE_HELP =
  'Move the oldest whole files of the trail to DIR, with a note that is sealed with the audit key. Every record in them is older than DATE, and the newest file always stays. With PostgreSQL, the old rows of each chain become a file. The trail then begins behind them and still verifies; check the archive with: gatehouse audit verify DIR. If interrupted, run it again: it continues where it stopped. DATE is 2027-01-31 or 2027-01-31T08:00.';

const GAP_WORDS = 'accept the gap';

const GAP_HELP = [
  'Find out first who removed or changed the records. Then the trail begins behind the last break and verifies again, so that the next break is seen. What is left of the records before it moves to a folder broken-TIME in the audit folder; nothing is deleted. The trail records who accepted it, the first broken record and the last one before the new beginning.',
  `It asks for the words "${GAP_WORDS}"; in scripts they are the first line of input. If interrupted, run it again. With PostgreSQL this is not possible.`,
].join('\n');

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the audit trail: list, verify, archive, accept-gap');
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
    .argument('[dir]', 'an archive instead of the trail')
    .option('--expect <end>', 'a record that was noted elsewhere and has to be there: SEQ:MAC')
    .addHelpText(
      'after',
      helpText({
        paragraph: VERIFY_HELP,
        examples: ['gatehouse audit verify --json', 'gatehouse audit verify /mnt/archive/2026'],
      }),
    )
    .action(async (dir: string | undefined, options: VerifyOptions, command: Command) =>
      dir === undefined ? verify(callOf(command), options) : verifyDir(callOf(command), dir, options),
    );
  audit
    .command('archive')
    .description('move old records to an archive')
    .argument('<dir>', 'where they go; made when it is missing')
    .requiredOption('--before <date>', 'only files whose records are all older')
    .addHelpText(
      'after',
      helpText({
        paragraph: ARCHIVE_HELP,
        examples: ['gatehouse audit archive --before 2026-01-01 /mnt/archive/2025'],
      }),
    )
    .action(async (dir: string, options: ArchiveOptions, command: Command) => archive(callOf(command), dir, options));
  audit
    .command('accept-gap')
    .description('let the trail begin behind records that were lost or changed')
    .addHelpText(
      'after',
      helpText({
        paragraph: GAP_HELP,
        examples: ['gatehouse audit accept-gap', `echo ${GAP_WORDS} | gatehouse audit accept-gap`],
      }),
    )
    .action(async (_options: object, command: Command) => acceptGap(callOf(command)));
}

async function list(call: Call, { since, user, follow }: ListOptions): Promise<void> {
  const query: AuditQuery = given({
    since: since === undefined ? undefined : readSince('--since', since, systemClock.now()),
    user: user === undefined ? undefined : tidyName(user),
  });
  await withTrail(call, async (trail) => {
    await drained(trail);
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
  const configFile = configFileOf(call);
  const { config } = readConfigFile(configFile);
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock });
  await trail.settleConfig(configFile);
  return work(trail).finally(() => trail.close());
}

/** Where that cannot be done, the records are read from the database; `doctor` says why. */
async function drained(trail: AuditTrail): Promise<void> {
  await trail.drain().catch(() => undefined);
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

async function verify(call: Call, options: VerifyOptions): Promise<void> {
  const expected = await expectedOf(options);
  const found = await withTrail(call, async (trail) => {
    await drained(trail);
    return trail.verify(expected);
  });
  printVerdict(call, found);
}

async function verifyDir(call: Call, dir: string, options: VerifyOptions): Promise<void> {
  const expected = await expectedOf(options);
  const { config } = readConfigFile(configFileOf(call));
  const { auditKey } = readKeyRing(config.store.keyFile);
  const { verifyArchive } = await import('../core/node/audit-archive-note.ts');
  printVerdict(call, await verifyArchive(dir, { key: auditKey, expected }));
}

async function expectedOf({ expect }: VerifyOptions): Promise<readonly Expected[]> {
  if (expect === undefined) return [];
  const { parseExpected } = await import('../core/node/audit-verdict.ts');
  const expected = parseExpected(expect);
  if (expected !== undefined) return expected;
  throw new Fault('usage', '--expect is not the end of a trail.', {
    hint: 'Write SEQ:MAC as `gatehouse audit verify` prints it; with PostgreSQL CHAIN:SEQ:MAC.',
  });
}

type Verdict = {
  readonly ok: boolean;
  readonly records: number;
  readonly firstBroken: number | null;
  readonly chain?: string;
  readonly end?: string;
};

function printVerdict(call: Call, verdict: Verdict): void {
  const { ok, records, firstBroken, chain, end } = verdict;
  const text = ok
    ? `All ${records} records are whole.`
    : chain === undefined
      ? `Record ${firstBroken} is broken; the ${records} before it are whole.`
      : `Record ${firstBroken} of ${drawn(chain)} is broken; of all chains, ${records} records are whole.`;
  const ends = ok && end !== undefined && end !== '' ? [`End: ${drawn(end)}`] : [];
  printResult(call, { text: [text, ...ends].join('\n'), json: { ok, records, firstBroken, ...given({ chain, end }) } });
  if (!ok) process.exitCode = EXIT_STATUS['bad-data'];
}

async function archive(call: Call, dir: string, { before }: ArchiveOptions): Promise<void> {
  const moment = readMoment('--before', before);
  const { records, through } = await withTrail(call, async (trail) => {
    await drained(trail);
    return trail.archive({ actor: thisShell(), before: moment, folder: dir });
  });
  const text =
    records === 0
      ? 'Nothing to archive: no whole file of the trail is older.'
      : `${records} records were archived${through === undefined ? '' : `, up to number ${through}`}.`;
  printResult(call, { text, json: { records, through: through ?? null } });
}

async function acceptGap(call: Call): Promise<void> {
  await consentInWords('Nobody will be able to verify the records before the last break any more.', GAP_WORDS);
  const { broken, through, folder } = await withTrail(call, (trail) => trail.acceptGap({ actor: thisShell() }));
  const text = `The audit trail begins behind record ${through} now; record ${broken} was the first broken one.`;
  const left = folder === undefined ? [] : [`What is left of the records before is in ${drawn(folder)}.`];
  printResult(call, { text: [text, ...left].join('\n'), json: { broken, through, folder: folder ?? null } });
}

function recordText(record: AuditRecord): string {
  const { at, event, actor, user, terminal, detail, count, lockedAnswers, stepsOff, found } = record;
  const parts = [
    at,
    event,
    user === undefined ? '' : `user=${quoted(user)}`,
    actor === undefined ? '' : `by=${quoted(actor)}`,
    terminal === undefined ? '' : `terminal=${quoted(terminal)}`,
    detail === undefined ? '' : `detail=${quoted(detail)}`,
    count === undefined ? '' : `count=${count}`,
    lockedAnswers === undefined ? '' : `locked-answers=${lockedAnswers}`,
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
