/** gatehouse doctor. */
import type { Command } from 'commander';
import { EXIT_STATUS } from '../core/errors.ts';
import { attempt } from '../core/node/attempt.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { type Check, examine } from '../core/node/doctor.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { type Call, callOf, configSearch, printResult } from './call.ts';
import { helpText } from './help-text.ts';
import { VERSION } from './version.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look the facility over: configuration, files, key, database, audit trail, people, clock, server')
    .addHelpText(
      'after',
      `\nThe exit status is 0 where nothing failed; warnings are advice.\n${helpText({ examples: ['gatehouse doctor --json'] })}`,
    )
    .action(async (_options: object, command: Command) => doctor(callOf(command)));
}

async function doctor(call: Call): Promise<void> {
  const file = findConfigFile(configSearch(call));
  const checks = [...(await examine(file)), ...(await serverChecks(file))];
  const failed = checks.filter(({ level }) => level === 'fail');
  printResult(call, { text: checksText(checks), json: { ok: failed.length === 0, checks } });
  if (failed.some(({ name }) => name === 'config')) process.exitCode = EXIT_STATUS.configuration;
  else if (failed.length > 0) process.exitCode = EXIT_STATUS.unavailable;
}

/** Level and name, then the text, wrapped beside them where a terminal shows it. */
/** A configuration that cannot be read is a failed check already. */
async function serverChecks(file: string): Promise<readonly Check[]> {
  const read = attempt(() => readConfigFile(file));
  if (read === undefined) return [];
  const { probeServer } = await import('../gate/server-probe.ts');
  return probeServer(read, VERSION);
}

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
