/** gatehouse user import --google-authenticator | --otpauth: what users' phones have already. Never prints a secret. */
import { statSync } from 'node:fs';
import type { Matched, SecretsImport } from '../core/directory/import-secrets.ts';
import { Fault } from '../core/errors.ts';
import type { ForeignSecrets } from '../core/import/foreign-secrets.ts';
import { secretsOfFiles } from '../core/import/google-authenticator-file.ts';
import { readOtpauthList } from '../core/import/otpauth-list.ts';
import { shellWord } from '../core/node/file-fault.ts';
import { readGoogleAuthenticatorFolder } from '../core/node/google-authenticator-folder.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, printResult, withFacility } from './call.ts';
import { remark } from './output.ts';
import { placedFault, problemLine } from './placed-fault.ts';
import { readTextInput } from './text-input.ts';

export type SecretSource =
  | { readonly kind: 'google-authenticator'; readonly folder: string }
  | { readonly kind: 'otpauth'; readonly file: string };

type SecretsAsked = Omit<SecretsImport, 'found'> & { readonly source: SecretSource };

export async function importSecrets(call: Call, { source, purpose, strangers }: SecretsAsked): Promise<void> {
  const { found, warnings: sourceWarnings } = await readSource(source);
  await withFacility(call, async ({ directory, actor }) => {
    const outcome = accepted(await directory.importSecrets(actor, { found, purpose, strangers }));
    if (outcome.kind === 'bad-secrets') throw placedFault(call, outcome.problems, WRONG);
    const { kind, matched, leftOut } = outcome;
    const { mode } = await directory.status();
    const warnings = [
      ...sourceWarnings,
      ...leftBehindWarnings(matched),
      ...(mode === 'off' ? ['2FA=Off: nobody is asked for a code before config.ini has Auto: or Central:.'] : []),
    ];
    if (call.form === 'text') for (const warning of warnings) remark(warning);
    const count = matched.length;
    const json = {
      imported: kind === 'imported' ? count : 0,
      checked: count,
      skipped: leftOut.map((name) => ({ name, reason: 'no-such-user' })),
      scratchCodesLeftBehind: scratchCodesOf(matched),
      warnings,
    };
    printResult(call, { text: [sentence(kind, count), ...leftOutLines(leftOut)].join('\n'), json });
  });
}

const WRONG = {
  outcome: 'no secret was imported',
  hint: 'Mend that and try again; --skip-unknown leaves out whoever is no user here.',
};

type SourceRead = { readonly found: ForeignSecrets; readonly warnings: readonly string[] };

async function readSource(source: SecretSource): Promise<SourceRead> {
  if (source.kind === 'otpauth') return readList(source.file);
  const { files, problems, warnings } = readGoogleAuthenticatorFolder(source.folder);
  return { found: secretsOfFiles(files, problems), warnings: warnings.map(problemLine) };
}

async function readList(file: string): Promise<SourceRead> {
  const found = readOtpauthList({ file, text: await readTextInput(file) });
  if (found.secrets.length + found.problems.length === 0) {
    throw new Fault('bad-data', 'There is no otpauth:// URI in it.', {
      hint: 'One a line: otpauth://totp/Issuer:user?secret=...',
    });
  }
  return { found, warnings: file === '-' ? [] : looseModeWarnings(file) };
}

/** A pipe has a mode too, and nobody else reads it. */
function looseModeWarnings(file: string): readonly string[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || (stats.mode & 0o044) === 0 || process.geteuid === undefined) return [];
  return [`${inert(file)}: others on this machine can read these secrets: chmod 600 ${inert(shellWord(file))}`];
}

function sentence(kind: 'imported' | 'checked', count: number): string {
  const secrets = count === 1 ? '1 secret' : `${count} secrets`;
  if (kind === 'checked') return `${secrets} would be imported.`;
  return `${secrets} ${count === 1 ? 'is' : 'are'} imported; the next right code of each user pairs.`;
}

const MOST_NAMED = 50;

function leftOutLines(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMED).map(inert).join(', ');
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return [`Left out, since they are no users here: ${shown}${more}`];
}

function scratchCodesOf(matched: readonly Matched[]): number {
  return matched.reduce((sum, { found }) => sum + found.leftBehind.scratchCodes, 0);
}

function leftBehindWarnings(matched: readonly Matched[]): readonly string[] {
  const codes = scratchCodesOf(matched);
  const skewed = matched.filter(({ found }) => found.leftBehind.skewSteps !== 0);
  return [
    ...(codes > 0
      ? [
          `${codes} emergency scratch codes stay behind: they lie in those files in plain text. Each user is offered recovery codes at the first log-on.`,
        ]
      : []),
    ...skewed.map(
      ({ user, found }) =>
        `${inert(user.name)}: the clock of this phone was off by ${found.leftBehind.skewSteps} steps of 30 seconds; it has to be set right`,
    ),
  ];
}
