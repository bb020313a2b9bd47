/** gatehouse user import: accounts as CSV, or the secrets that users have from another system. */
import type { Command } from 'commander';
import { Fault } from '../core/errors.ts';
import { type Call, callOf } from './call.ts';
import { helpText } from './help-text.ts';
import { importSecrets, type SecretSource } from './import-secrets.ts';
import { importCsv } from './user-csv.ts';

type ImportOptions = {
  readonly googleAuthenticator?: string;
  readonly otpauth?: string;
  readonly skipUnknown?: boolean;
  readonly mustChange?: boolean;
  readonly dryRun?: boolean;
};

const SOURCES = `The first line of a CSV file names the columns: name,display,group,role,password. Only name has to be there. Passwords are hashed, which takes about 30 ms each; who has none cannot log on before one is set.

The secrets of google-authenticator files (DIR/<user>/.google_authenticator, or DIR/<user>) or of a list of otpauth:// URIs go to users who are here and have none yet: the next right code of each pairs. docs/moving.md tells how to go about it.

Whatever is wrong is named with its place, and then nothing is written.`;

export function addImportCommand(user: Command): void {
  user
    .command('import')
    .argument('[file]', 'CSV file, or - for stdin')
    .description('add the users of a CSV file, or import the secrets that users have elsewhere: all of them, or none')
    .option('--google-authenticator <dir>', 'secrets of libpam-google-authenticator, one file a user')
    .option('--otpauth <file>', 'secrets as otpauth:// URIs, one a line; - for stdin')
    .option('--skip-unknown', 'with secrets: leave out who is no user here')
    .option('--must-change', 'with CSV: the passwords of the file are to be changed at the first log-on')
    .option('--dry-run', 'check everything, write nothing')
    .addHelpText(
      'after',
      helpText({
        paragraph: SOURCES,
        examples: [
          'gatehouse user import staff.csv --dry-run',
          'gatehouse user import --google-authenticator /home --skip-unknown --dry-run',
          'gatehouse user import --otpauth secrets.txt',
        ],
      }),
    )
    .action(async (file: string | undefined, options: ImportOptions, command: Command) =>
      importFrom(callOf(command), onlySource(file, options), options),
    );
}

type Source = { readonly kind: 'csv'; readonly file: string } | SecretSource;

function onlySource(csv: string | undefined, { googleAuthenticator: folder, otpauth: list }: ImportOptions): Source {
  const named: Source[] = [];
  if (csv !== undefined) named.push({ kind: 'csv', file: csv });
  if (folder !== undefined) named.push({ kind: 'google-authenticator', folder });
  if (list !== undefined) named.push({ kind: 'otpauth', file: list });
  const [source] = named;
  if (source !== undefined && named.length === 1) return source;
  throw off('Name one source: a CSV file, --google-authenticator DIR or --otpauth FILE.');
}

function importFrom(call: Call, source: Source, options: ImportOptions): Promise<void> {
  if (source.kind === 'csv') {
    if (options.skipUnknown === true) throw off('--skip-unknown goes with --google-authenticator and --otpauth.');
    return importCsv(call, source.file, options);
  }
  if (options.mustChange === true) throw off('--must-change goes with a CSV file.');
  return importSecrets(call, {
    source,
    purpose: options.dryRun === true ? 'check-only' : 'import',
    strangers: options.skipUnknown === true ? 'left-out' : 'problem',
  });
}

function off(text: string): Fault {
  return new Fault('usage', text, { hint: 'gatehouse user import --help' });
}
