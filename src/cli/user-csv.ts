/** gatehouse user import | export: many accounts as CSV. */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { BadLines, ImportProgress } from '../core/directory/import-users.ts';
import { Fault } from '../core/errors.ts';
import { errnoOf, fileFault } from '../core/node/file-fault.ts';
import { writeNewFile } from '../core/node/new-file.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, callOf, printResult, withFacility } from './call.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';

type ImportOptions = { readonly dryRun?: boolean; readonly mustChange?: boolean };

const COLUMNS =
  'The first line names the columns: name,display,group,role,password. Only name has to be there. Passwords are hashed, which takes about 30 ms each; who has none cannot log on before one is set. Wrong lines are all named, and then nothing is written.';

export function addCsvCommands(user: Command): void {
  user
    .command('import')
    .argument('<file>', 'CSV file, or - for stdin')
    .description('add the users of a CSV file: all of them, or none')
    .option('--dry-run', 'check the file, write nothing')
    .option('--must-change', 'the passwords of the file are to be changed at the first log-on')
    .addHelpText('after', helpText({ paragraph: COLUMNS, examples: ['gatehouse user import staff.csv --dry-run'] }))
    .action(async (file: string, options: ImportOptions, command: Command) =>
      importFile(callOf(command), file, options),
    );
  user
    .command('export')
    .argument('<file>', 'CSV file that is not there yet, or - for stdout')
    .description('write all users to a CSV file, without passwords and secrets')
    .addHelpText('after', helpText({ examples: ['gatehouse user export staff.csv'] }))
    .action(async (file: string, _options: object, command: Command) => exportFile(callOf(command), file));
}

async function importFile(call: Call, file: string, options: ImportOptions): Promise<void> {
  const csv = await readCsv(file);
  await withFacility(call, async ({ directory, actor }) => {
    const outcome = accepted(
      await directory.importUsers(actor, {
        csv,
        purpose: options.dryRun === true ? 'check-only' : 'import',
        passwords: options.mustChange === true ? 'must-change' : 'stay',
        ...(process.stderr.isTTY ? { onProgress: drawProgress } : {}),
      }),
    );
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (outcome.kind === 'bad-lines') throw badLinesFault(call, file, outcome);
    const { kind, count, withoutPassword } = outcome;
    const text = `${count} users ${kind === 'imported' ? 'are added' : 'would be added'}, ${withoutPassword} of them without a password.`;
    printResult(call, { text, json: { imported: kind === 'imported' ? count : 0, checked: count, withoutPassword } });
  });
}

/** The lines go to stderr before the sentence; with --json they are in it. */
function badLinesFault(call: Call, file: string, { problems }: BadLines): Fault {
  const shown = problems
    .slice(0, LINES_SHOWN)
    .map(({ line, text }) => `${inert(file)}:${line}: ${text.replace(/\.$/, '')}`);
  if (problems.length > shown.length) shown.push(`... and ${problems.length - shown.length} more`);
  if (call.form === 'text') for (const line of shown) remark(line);
  const count = problems.length === 1 ? '1 line is' : `${problems.length} lines are`;
  const lines = call.form === 'json' ? ` ${shown.join('; ')}` : '';
  return new Fault('bad-data', `${count} wrong; nobody was added.${lines}`, { hint: 'Mend the file and try again.' });
}

const LINES_SHOWN = 50;
/** 100,000 users are some 10 MB. */
const CSV_MAX_BYTES = 256 * 1024 * 1024;

async function readCsv(file: string): Promise<string> {
  const bytes = file === '-' ? await allOfStdin() : await readFile(file).catch(unreadable(file));
  if (bytes.length > CSV_MAX_BYTES) throw new Fault('bad-data', 'The file is too long for a list of users.');
  if (!isUtf8(bytes)) throw new Fault('bad-data', 'The file is not UTF-8 text.', { hint: 'Save it as UTF-8.' });
  return bytes.toString('utf8');
}

async function allOfStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function unreadable(file: string) {
  return (thrown: unknown): never => {
    if (errnoOf(thrown) === 'ENOENT') {
      throw new Fault('not-found', `There is no file ${inert(file)}.`, { cause: thrown });
    }
    throw fileFault(`The file ${file} could not be read`, thrown);
  };
}

async function exportFile(call: Call, file: string): Promise<void> {
  await withFacility(call, async ({ directory, actor }) => {
    const { csv, count } = accepted(await directory.exportUsers(actor));
    if (file === '-') {
      process.stdout.write(csv);
      return;
    }
    await writeNewFile(file, Buffer.from(csv));
    printResult(call, { text: `${count} users are written to ${inert(file)}.`, json: { exported: count, file } });
  });
}

let drawnAt = 0;

/** Drawn over itself, a few times a second. */
function drawProgress({ phase, done, total }: ImportProgress): void {
  const now = performance.now();
  if (now - drawnAt < 200 && done < total) return;
  drawnAt = now;
  process.stderr.write(`\r\u001b[K${phase} ${done} of ${total}`);
}
