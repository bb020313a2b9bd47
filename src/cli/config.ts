/** gatehouse config get | set | check | list: config.ini, by the one definition of its settings. */
import type { Command } from 'commander';
import type { AuditEvent } from '../core/audit-event.ts';
import { changeRemarks } from '../core/config/change-remarks.ts';
import { setInConfig } from '../core/config/edit.ts';
import { labelAdvice } from '../core/config/label.ts';
import type { Config } from '../core/config/model.ts';
import { parseConfig } from '../core/config/parse.ts';
import { problemText } from '../core/config/problem.ts';
import { findSetting, type SettingKey } from '../core/config/settings.ts';
import { concealed, shownSetting, shownSettings } from '../core/config/shown-value.ts';
import { fullKeyAdvice } from '../core/config/suggestion.ts';
import { shutOutText } from '../core/directory/shut-out.ts';
import { EXIT_STATUS, Fault } from '../core/errors.ts';
import { changeConfigFile, type Recorded } from '../core/node/config-change.ts';
import { problemsFault, readConfigFile, readConfigText } from '../core/node/config-file.ts';
import { openFacility } from '../core/node/facility.ts';
import { readKeyRing } from '../core/node/key-file.ts';
import { systemClock } from '../core/node/system-clock.ts';
import { inert } from '../core/visible-text.ts';
import { type Call, callOf, configFileOf, printResult, thisShell } from './call.ts';
import { helpText } from './help-text.ts';
import { printJson, printLine, remark } from './output.ts';
import { tableText } from './table.ts';

const KEYS = 'KEY is 2FA or Section.Key, such as Login.Attempts: gatehouse config list shows them all.';

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('config.ini: look, change, check');
  config
    .command('get')
    .argument('<key>', '2FA or Section.Key')
    .description('print the value in force')
    .addHelpText('after', helpText({ paragraph: KEYS, examples: ['gatehouse config get 2FA'] }))
    .action(async (key: string, _options: object, command: Command) => get(callOf(command), key));
  config
    .command('set')
    .argument('<key>', '2FA or Section.Key')
    .argument('<value>', 'the new value')
    .option('--offline', 'also where the database cannot record the change')
    .description('change one setting; comments and order stay')
    .addHelpText(
      'after',
      helpText({
        paragraph: `${KEYS} The change is recorded in the audit trail, or not made.`,
        examples: [
          'gatehouse config set 2FA "Auto:Codectomy St Elsewhere LIVE"',
          'gatehouse config set Login.Attempts 5',
        ],
      }),
    )
    .action(async (key: string, value: string, { offline = false }: { offline?: boolean }, command: Command) =>
      set(callOf(command), { key, value, offline }),
    );
  config
    .command('check')
    .description('say what is wrong in config.ini, with line, key and what would be right')
    .addHelpText('after', helpText({ examples: ['gatehouse config check'] }))
    .action(async (_options: object, command: Command) => check(callOf(command)));
  config
    .command('list')
    .description('all settings and their values')
    .addHelpText('after', helpText({ examples: ['gatehouse config list --json'] }))
    .action(async (_options: object, command: Command) => list(callOf(command)));
}

function get(call: Call, key: string): void {
  const setting = findSetting(key);
  if (setting === undefined) throw noSuchKey(key);
  const { written } = readConfigFile(configFileOf(call));
  const { value, line } = shownSetting(setting, written);
  printResult(call, { text: inert(value), json: { key, value, line } });
}

type Wanted = { readonly key: string; readonly value: string; readonly offline: boolean };

async function set(call: Call, { key, value, offline }: Wanted): Promise<void> {
  const setting = findSetting(key);
  if (setting === undefined) throw noSuchKey(key);
  const file = configFileOf(call);
  const before = parseConfig(readConfigText(file));
  const { edited, recorded } = await changeConfigFile(file, {
    actor: thisShell(),
    settings: [key],
    edit: (source) => setInConfig(source, { key, value }),
    wayOut:
      'If the database cannot be repaired first, add --offline: the change is then made without its record there.',
    ...(offline ? { offline: { recordAside } } : {}),
  });
  if (edited.kind === 'problems') throw badValue(file, edited.problems);
  const { config } = edited.parsed;
  const unrecorded = UNRECORDED[recorded];
  if (unrecorded !== undefined) remark(unrecorded);
  if (key === '2FA') adviseOnMode(config);
  if (PAIRING_SETTINGS.has(key)) await adviseOnAdmins(config);
  if (key === 'Store.Engine' && before.kind === 'config') {
    for (const { text } of changeRemarks(key, before.config, config)) remark(text);
  }
  const shown = concealed(shownSetting(setting, edited.parsed.written));
  printResult(call, { text: `${key} is ${inert(shown)}.`, json: { key, value: shown, recorded } });
}

/** In the audit folder, until a database takes it over. */
async function recordAside({ audit, store }: Config, event: AuditEvent): Promise<void> {
  const { appendToSide } = await import('../core/node/audit-side.ts');
  const { auditKey: key } = readKeyRing(store.keyFile);
  await appendToSide({ folder: audit.path, key, clock: systemClock }, event);
}

const UNRECORDED: Readonly<Record<Recorded, string | undefined>> = {
  'in-database': undefined,
  'before-init': undefined,
  aside: 'The database could not record this change. It is recorded in the audit folder, and taken over later.',
  nowhere: 'The database could not record this change: the audit trail does not show it.',
};

function check(call: Call): void {
  const file = configFileOf(call);
  const parsed = parseConfig(readConfigText(file));
  const problems = parsed.kind === 'problems' ? parsed.problems : [];
  if (call.form === 'json') printJson({ ok: problems.length === 0, file, problems });
  else if (parsed.kind === 'config') printLine(`${inert(file)} is in order.`);
  else for (const problem of problems) printLine(problemText(problem));
  if (parsed.kind === 'problems') process.exitCode = EXIT_STATUS.configuration;
  else if (call.form === 'text') adviseOnMode(parsed.config);
}

function list(call: Call): void {
  const { written } = readConfigFile(configFileOf(call));
  const shown = shownSettings(written);
  const rows = shown.map((setting) => [
    setting.key,
    setting.line === null ? 'default' : `line ${setting.line}`,
    concealed(setting),
  ]);
  printResult(call, {
    text: tableText(['KEY', 'FROM', 'VALUE'], rows),
    json: shown.map((setting) => ({ key: setting.key, value: concealed(setting), line: setting.line })),
  });
}

/** Settings by which it becomes an administrator's task to pair a phone. */
const PAIRING_SETTINGS: ReadonlySet<string> = new Set<SettingKey>(['2FA', 'Login.AutoPairingWithinDays']);

/** Without the database nothing is said: the change was told to be unrecorded then. */
async function adviseOnAdmins(config: Config): Promise<void> {
  try {
    const facility = await openFacility(config);
    try {
      const { store } = facility;
      const text = shutOutText(await store.users({ role: 'admin' }), config, await store.now());
      if (text !== undefined) remark(text);
    } finally {
      await facility.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
  }
}

function adviseOnMode({ mode }: Config): void {
  if (mode === undefined) remark('There is no 2FA setting: nobody with two-factor on is let in.');
  else if (mode.kind === 'off') remark('2FA=Off: nobody is asked for a code, whatever their two-factor says.');
  else {
    const advice = labelAdvice(mode.label);
    if (advice !== undefined) remark(advice);
  }
}

function noSuchKey(key: string): Fault {
  return new Fault('usage', `There is no setting ${inert(key)}.`, { hint: fullKeyAdvice(key) });
}

function badValue(file: string, problems: Parameters<typeof problemsFault>[1]): Fault {
  const { message } = problemsFault(file, problems);
  return new Fault('configuration', message, { hint: 'Nothing was changed.' });
}
