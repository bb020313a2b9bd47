/** gatehouse backup | restore. */
import type { Command } from 'commander';
import { Fault } from '../core/errors.ts';
import { backUp } from '../core/node/backup.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { databaseIsThere, type Restored, restore } from '../core/node/restore.ts';
import { inert } from '../core/visible-text.ts';
import { type Call, callOf, configFileOf, printResult, thisShell, withFacility } from './call.ts';
import { consent } from './consent.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';

const BACKUP_HELP =
  'One SQLite file, consistent while log-ons go on. The key file is not in it, and the secrets in it open with the key file alone: keep a copy of that one at another place. config.ini and the audit folder are ordinary files: copy them with your tools.';

const RESTORE_HELP =
  'The file is opened and checked before anything is replaced: whole, of a version that is known, every secret opened by the key file. What was used up since the backup stays used: no code of a time step up to now is accepted again (wait for the next one), one-time codes are void, and by the audit trail so are secrets deactivated, recovery codes used or renewed, and accounts disabled or removed since. A trail that does not know the backup cannot tell; then check the accounts yourself.';

export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'a file that is not there yet')
    .description('copy the database, without the key')
    .addHelpText(
      'after',
      helpText({ paragraph: BACKUP_HELP, examples: ['gatehouse backup /var/backups/gatehouse-2027-01-31.db'] }),
    )
    .action(async (file: string, _options: object, command: Command) => backup(callOf(command), file));
  program
    .command('restore')
    .argument('<file>', 'a file that backup made')
    .description('put a backup in the place of the database')
    .option('--yes', 'replace the database that is there')
    .addHelpText(
      'after',
      helpText({ paragraph: RESTORE_HELP, examples: ['gatehouse restore /var/backups/gatehouse-2027-01-31.db --yes'] }),
    )
    .action(async (file: string, options: { yes?: boolean }, command: Command) =>
      restoreFile(callOf(command), file, options),
    );
}

async function backup(call: Call, file: string): Promise<void> {
  await withFacility(call, async ({ facility, actor }) => {
    const { bytes, sha256 } = await backUp(facility, actor, file);
    const text = `The database is in ${inert(file)} (${bytes} bytes). The key file is not: keep a copy of it elsewhere.`;
    printResult(call, { text, json: { file, bytes, sha256 } });
  });
}

async function restoreFile(call: Call, file: string, options: { readonly yes?: boolean }): Promise<void> {
  const { config } = readConfigFile(configFileOf(call));
  if (databaseIsThere(config)) {
    if (options.yes !== true && !process.stdin.isTTY) {
      const which = config.store.engine === 'postgres' ? 'that of Store.Url' : inert(config.store.path);
      throw new Fault('exists', `There is a database already: ${which}.`, {
        hint: 'Say --yes to replace it; what happened since the backup is lost then.',
      });
    }
    await consent('The database that is there will be replaced; what happened since the backup is lost.', options);
  }
  const restored = await restore(config, thisShell(), file);
  for (const line of aftermath(restored)) remark(line);
  printResult(call, { text: `${restored.users} users are restored.`, json: restored });
}

function aftermath({ since, deactivated, recovery, ended }: Restored): readonly string[] {
  if (since === 'unknown') {
    return [
      'The audit trail does not know this backup: secrets deactivated, and accounts disabled or removed, since then may be back.',
    ];
  }
  return [
    ...(deactivated > 0 ? [`${deactivated} users were deactivated since: they have to pair anew.`] : []),
    ...(recovery > 0 ? [`${recovery} users used or renewed recovery codes since: theirs are void.`] : []),
    ...(ended > 0 ? [`${ended} accounts were disabled or removed since: they are disabled.`] : []),
  ];
}
