/** gatehouse doctor. */
import { type Command, Option } from 'commander';
import { EXIT_STATUS } from '../core/errors.ts';
import { attempt } from '../core/node/attempt.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { examine } from '../core/node/doctor.ts';
import type { Check } from '../core/node/doctor-check.ts';
import { PROFILES, type Profile } from '../core/profile/profile.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { type Call, callOf, configSearch, printResult, thisShell } from './call.ts';
import { given } from './given.ts';
import { helpText } from './help-text.ts';
import { VERSION } from './version.ts';

type DoctorOptions = { readonly profile?: Profile };

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('run all health checks: configuration, files, key, database, audit trail, users, clock, server')
    .addOption(
      new Option('--profile <standard>', 'also compare with NIST SP 800-63B-4, PCI DSS 4.0.1 or HIPAA').choices(
        PROFILES,
      ),
    )
    .addHelpText(
      'after',
      helpText({ paragraph: HELP, examples: ['gatehouse doctor --json', 'gatehouse doctor --profile pci'] }),
    )
    .action(async (options: DoctorOptions, command: Command) => doctor(callOf(command), options));
}

const HELP =
  'The exit status is 0 if no check failed; warnings are advice. doctor tries what a login does, so it writes: it leaves one record, ' +
  'facility.checked, in the audit trail, and changes no user. With --profile each requirement is one more check. It fails where a command puts it right. ' +
  'What Gatehouse lacks, and what the site has to do, is a warning: no profile is met by settings alone.';

async function doctor(call: Call, options: DoctorOptions): Promise<void> {
  const file = findConfigFile(configSearch(call));
  const examined = await examine({ configFile: file, actor: thisShell().name, ...given({ profile: options.profile }) });
  const checks = [...examined, ...(await serverChecks(file))];
  const failed = checks.filter(({ level }) => level === 'fail');
  printResult(call, { text: checksText(checks), json: { ok: failed.length === 0, checks } });
  if (failed.some(({ name }) => name === 'config')) process.exitCode = EXIT_STATUS.configuration;
  else if (failed.length > 0) process.exitCode = EXIT_STATUS.unavailable;
}

/** A configuration that cannot be read is a failed check already. */
async function serverChecks(file: string): Promise<readonly Check[]> {
  const read = attempt(() => readConfigFile(file));
  if (read === undefined) return [];
  const { probeServer } = await import('../gate/server-probe.ts');
  return probeServer(read, VERSION);
}

/** Level and name, then the text, wrapped beside them where a terminal shows it. */
function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat('WARN  '.length + width + 2);
  const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) - indent.length : Number.MAX_SAFE_INTEGER;
  return checks
    .map(({ name, level, text }) => {
      const beside = wrapText(text, columns).join(`\n${indent}`);
      return `${LEVEL_TEXT[level]}  ${name.padEnd(width)}  ${beside}`;
    })
    .join('\n');
}

const LEVEL_TEXT: Readonly<Record<Check['level'], string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };
