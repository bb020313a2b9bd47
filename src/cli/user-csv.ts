/** Many accounts as CSV, in and out. */
import type { Command } from 'commander';
import type { ImportProgress } from '../core/directory/import-users.ts';
import { writeNewFile } from '../core/node/new-file.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, callOf, printResult, withFacility } from './call.ts';
import { helpText } from './help-text.ts';
import { placedFault } from './placed-fault.ts';
import { readTextInput } from './text-input.ts';

export function addExportCommand(user: Command): void {
  user
    .command('export')
    .argument('<file>', 'CSV file that is not there yet, or - for stdout')
    .description('write all users to a CSV file, without passwords and secrets')
    .addHelpText('after', helpText({ examples: ['gatehouse user export staff.csv'] }))
    .action(async (file: string, _options: object, command: Command) => exportFile(callOf(command), file));
}

export type CsvImport = { readonly dryRun?: boolean; readonly mustChange?: boolean };

/** gatehouse user import FILE. */
export async function importCsv(call: Call, file: string, options: CsvImport): Promise<void> {
  const csv = await readTextInput(file);
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
    if (outcome.kind === 'bad-lines') {
      const problems = outcome.problems.map(({ line, text }) => ({ place: { file, line }, text }));
      throw placedFault(call, problems, { outcome: 'nobody was added', hint: 'Mend the file and try again.' });
    }
    const { kind, count, withoutPassword } = outcome;
    const text = `${count} users ${kind === 'imported' ? 'are added' : 'would be added'}, ${withoutPassword} of them without a password.`;
    printResult(call, { text, json: { imported: kind === 'imported' ? count : 0, checked: count, withoutPassword } });
  });
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
