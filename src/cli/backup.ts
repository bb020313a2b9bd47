/** gatehouse backup | restore. */
import { type Command, Option } from 'commander';
import { Fault } from '../core/errors.ts';
import { backUp } from '../core/node/backup.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { databaseIsThere, restore } from '../core/node/restore.ts';
import type { Restored, RestoreRequest } from '../core/node/restore-rules.ts';
import type { Strictness } from '../core/store/stricter-user.ts';
import { inert } from '../core/visible-text.ts';
import { type Call, callOf, configFileOf, printResult, thisShell, withFacility } from './call.ts';
import { consent, consentInWords } from './consent.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';

const BACKUP_HELP =
  'One SQLite file, consistent while log-ons go on. The key file is not in it, and the secrets in it open with the key file alone: keep a copy of that one at another place. config.ini and the audit folder are ordinary files: copy them with your tools.';

const RESTORE_HELP =
  'The file is checked before anything is replaced. A restore never weakens anything: each user gets the strictest of the backup, of the database that is replaced, and of the audit trail since. Roles, disabled and removed accounts, failures and required two-factor stay; pairings and recovery codes stay only where both have them; a password that was changed since is void until it is set again (gatehouse user passwd). No code up to now is accepted again: wait two minutes. Every user who is affected is listed. Where the database cannot be read and the trail does not tell what happened, restore refuses; --void-passwords makes all passwords void, --trust-backup takes users as they were then.';

/** Typed at a terminal, or the first line of the input of a script. */
const TRUST_WORDS = 'trust this backup';

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
    .addOption(
      new Option('--void-passwords', 'all passwords are void until they are set again').conflicts('trustBackup'),
    )
    .option('--trust-backup', `go on although nobody knows what happened since; asks for the words "${TRUST_WORDS}"`)
    .option('--take-trail', 'also where the audit folder belongs to another database, which cannot go on then')
    .addHelpText(
      'after',
      helpText({
        paragraph: RESTORE_HELP,
        examples: [
          'gatehouse restore /var/backups/gatehouse-2027-01-31.db --yes',
          `echo ${TRUST_WORDS} | gatehouse restore old.db --yes --trust-backup`,
        ],
      }),
    )
    .action(async (file: string, options: RestoreOptions, command: Command) =>
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

async function restoreFile(call: Call, file: string, options: RestoreOptions): Promise<void> {
  const { config } = readConfigFile(configFileOf(call));
  if (databaseIsThere(config)) {
    if (options.yes !== true && !process.stdin.isTTY) {
      const which = config.store.engine === 'postgres' ? 'that of Store.Url' : inert(config.store.path);
      throw new Fault('exists', `There is a database already: ${which}.`, {
        hint: 'Say --yes to replace it; changes made since the backup are lost then.',
      });
    }
    await consent('The database that is there will be replaced; changes made since the backup are lost.', options);
  }
  if (options.trustBackup === true) await consentInWords(TRUST_QUESTION, TRUST_WORDS);
  const takeTrail = options.takeTrail === true;
  const restored = await restore({ config, actor: thisShell(), file, unknown: unknownOf(options), takeTrail });
  for (const line of [...affectedLines(restored), ...trailLines(restored)]) remark(line);
  const { users, basis, affected, admins, trail } = restored;
  const json = {
    users,
    basis,
    admins,
    affected: affected.map(({ name, changes }) => ({ user: name, changes })),
    trail,
  };
  printResult(call, {
    text: `${users} users are restored; ${affected.length} of them have less than in the backup.`,
    json,
  });
}

type RestoreOptions = {
  readonly yes?: boolean;
  readonly voidPasswords?: boolean;
  readonly trustBackup?: boolean;
  readonly takeTrail?: boolean;
};

const TRUST_QUESTION =
  'If nobody knows what happened since the backup, passwords, roles and accounts are as they were then, also those that were taken away.';

function unknownOf({ voidPasswords, trustBackup }: RestoreOptions): RestoreRequest['unknown'] {
  if (voidPasswords === true) return 'void-passwords';
  return trustBackup === true ? 'trust' : 'refuse';
}

function affectedLines({ affected, admins, users }: Restored): readonly string[] {
  const lines = affected.map(
    ({ name, changes }) => `${inert(name)}: ${changes.map((change) => WORDS[change]).join(', ')}`,
  );
  if (admins > 0 || users === 0) return lines;
  return [...lines, 'No administrator can log in. Run: gatehouse user passwd NAME (and gatehouse user enable NAME)'];
}

const WORDS: Readonly<Record<Strictness, string>> = {
  removed: 'was removed since',
  disabled: 'is disabled',
  'role-lowered': 'has the lower role',
  'password-void': 'password is void until it is set again',
  'password-stricter': 'password has to be changed, or expires',
  'two-factor-required': 'two-factor is required',
  'pairing-void': 'has to pair again',
  'requirement-sooner': 'two-factor is required sooner',
  paired: 'is paired',
  'recovery-codes-void': 'recovery codes are void',
  'one-time-code-void': 'one-time code is void',
  'locked-or-failures': 'failures since are counted',
};

function trailLines({ trail, basis }: Restored): readonly string[] {
  const { end, records, expected } = trail;
  return [
    ...(basis === 'trusted'
      ? ['Nobody knows what happened since the backup; the audit trail records that it was trusted.']
      : []),
    ...(end === 'short'
      ? [`The audit trail has ${records} records; it had ${expected} when the backup was made.`]
      : []),
    ...(end === 'files'
      ? ['The end of the audit trail is that of its files; the database that knew it could not be used.']
      : []),
  ];
}
