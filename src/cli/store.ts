/** gatehouse store migrate | upgrade: another store engine for the facility, or the schema of this version. */
import { type Command, Option } from 'commander';
import type { Config, StoreEngine } from '../core/config/model.ts';
import { SETTINGS } from '../core/config/settings.ts';
import { Fault } from '../core/errors.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { shellWord } from '../core/node/file-fault.ts';
import { migrateStore } from '../core/node/migrate-store.ts';
import { moveAway, takeBack } from '../core/node/take-move-back.ts';
import { type StoreUpgraded, upgradeStore } from '../core/node/upgrade-store.ts';
import type { MoveStep } from '../core/store/moving/move-facility.ts';
import { inert } from '../core/visible-text.ts';
import { type Call, callOf, configFileOf, printResult, thisShell } from './call.ts';
import { consent } from './consent.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';

const MIGRATE_HELP =
  'sqljs and sqlite have the same file: both read it, every cell of it, and it changes hands. To and from postgres every row is copied and compared; config.ini names the new engine only when all rows are there and the same. Killed in between, the facility goes on where it was or lets nobody in, and the same command goes on with the move. End gates, console and `gatehouse serve` before, and start them again afterwards. Other hosts of a PostgreSQL database have a config.ini of their own: change it there too. The audit trail is not moved.';

const CLOSED_MEANWHILE =
  'While the last rows are compared nobody can log on, and what has the database open now fails.';

const UPGRADE_HELP =
  'An older version of Gatehouse leaves a database with other tables. Every other command refuses it; this one makes a backup and then changes the tables, all at once. End gates, console and `gatehouse serve` before, and start them again afterwards: processes of the older version fail from then on, and write nothing. If interrupted, run it again: it continues where it stopped. The audit trail of the older version is verified first.';

type UpgradeOptions = { readonly backup?: string; readonly acceptBrokenTrail?: boolean };

type Options = { readonly to: StoreEngine; readonly yes?: boolean; readonly replace?: boolean };

export function addStoreCommands(program: Command): void {
  const store = program.command('store').description('the database: change its engine, upgrade its tables');
  store
    .command('migrate')
    .addOption(
      new Option('--to <engine>', 'the engine that the facility is to have')
        .choices(SETTINGS['Store.Engine'].choices)
        .makeOptionMandatory(),
    )
    .option('--yes', 'nobody needs to log on meanwhile')
    .option('--replace', 'overwrite a facility that was moved away from there before')
    .description('move the facility to another store engine, and have config.ini name it')
    .addHelpText(
      'after',
      helpText({
        paragraph: MIGRATE_HELP,
        examples: ['gatehouse store migrate --to sqlite', 'gatehouse store migrate --to postgres --yes'],
      }),
    )
    .action(async (options: Options, command: Command) => migrate(callOf(command), options));
  store
    .command('upgrade')
    .option('--backup <file>', 'where to put the backup of the old tables; else beside the database')
    .option('--accept-broken-trail', 'upgrade although the audit trail does not verify; this is recorded')
    .description('upgrade a database that an older version of Gatehouse wrote')
    .addHelpText('after', helpText({ paragraph: UPGRADE_HELP, examples: ['gatehouse store upgrade'] }))
    .action(async (options: UpgradeOptions, command: Command) => upgrade(callOf(command), options));
}

async function upgrade(call: Call, options: UpgradeOptions): Promise<void> {
  const { config } = readConfigFile(configFileOf(call));
  const upgraded = await upgradeStore({
    config,
    actor: thisShell(),
    backupFile: options.backup,
    brokenTrail: options.acceptBrokenTrail === true ? 'accept' : 'refuse',
  });
  for (const line of upgradeRemarks(upgraded)) remark(line);
  const { from, to, backup, broken } = upgraded;
  const text = from === to ? `The database has schema ${to} already.` : `The database has schema ${to} now.`;
  printResult(call, { text, json: { from, to, backup: backup ?? null, broken: broken ?? null } });
}

function upgradeRemarks({ from, to, backup, broken }: StoreUpgraded): readonly string[] {
  if (from === to) return [];
  return [
    ...(backup === undefined
      ? []
      : [`The database of schema ${from} is in ${inert(backup)}; it is as secret as a backup.`]),
    ...(broken === undefined ? [] : [`The audit trail did not verify (${inert(broken)}); the trail records that.`]),
    'Start the console and `gatehouse serve` again: those that run are of the older version.',
  ];
}

async function migrate(call: Call, options: Options): Promise<void> {
  const configFile = configFileOf(call);
  const { config } = readConfigFile(configFile);
  const { to } = options;
  const from = config.store.engine;
  if (from === to) return stay(call, configFile, options);
  const byRows = from === 'postgres' || to === 'postgres';
  const { rows, corrected, firstWrong } = await migrateStore({
    configFile,
    to,
    actor: thisShell(),
    former: options.replace === true ? 'replace' : 'refuse',
    agree: () => consent(CLOSED_MEANWHILE, options),
    ...(call.form === 'text' ? { onProgress: tellProgress } : {}),
  });
  if (call.form === 'text' && process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
  if (corrected > 0) {
    remark(
      `${corrected} rows of the unfinished copy were not as they should be (first: ${inert(firstWrong ?? '')}); they are now.`,
    );
  }
  remark('Start the console and `gatehouse serve` again: those that run have the old engine.');
  if (from === 'postgres') remark(RECORDS_STAY);
  if (byRows) remark(formerAdvice(config));
  const text = `The facility has the store engine ${to} now; all ${rows} rows are there and the same.`;
  printResult(call, { text, json: { from, to, rows, corrected } });
}

/** config.ini names that engine: all that can be meant is that a move which was begun is not to be. */
async function stay(call: Call, configFile: string, options: Options): Promise<void> {
  const { to } = options;
  const begun = await moveAway(configFile);
  if (begun === undefined)
    throw new Fault('exists', `The store engine is ${to} already.`, { hint: 'Nothing was changed.' });
  await consent(
    `The facility was closed here for a move to ${begun}. It will be opened again; what happened in ${begun} since is not in it.`,
    options,
  );
  await takeBack(configFile);
  printResult(call, {
    text: `The facility stays with the store engine ${to}.`,
    json: { from: begun, to, takenBack: true },
  });
}

const RECORDS_STAY =
  'The audit records of the time with postgres stay in its table audit_records: `gatehouse audit list` does not show them here. Keep that table as long as you need them.';

/** It is as good as a backup, and as secret. */
function formerAdvice({ store }: Config): string {
  const { engine, path } = store;
  const how = engine === 'postgres' ? 'drop the tables moved_* there' : `rm ${shellWord(path)}`;
  return `The former database is left as it was, closed, with all sealed secrets in it. When you are content: ${how}`;
}

const CLEAR_LINE = '\r\u001b[K';
let toldAt = 0;

/** On a terminal drawn over itself, a few times a second; elsewhere what concerns others. */
function tellProgress(step: MoveStep): void {
  if (step.kind === 'closing') {
    const clear = process.stderr.isTTY ? CLEAR_LINE : '';
    remark(`${clear}The facility is closed until all rows are compared.`);
    return;
  }
  const now = performance.now();
  if (!process.stderr.isTTY || now - toldAt < 200) return;
  toldAt = now;
  process.stderr.write(`${CLEAR_LINE}${step.kind} ${step.rows} rows`);
}
