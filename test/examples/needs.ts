/** What of the system an example needs; without it its tests say so and are skipped. .ci/run installs all of it. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { GATEHOUSE } from '../support/gatehouse-process.ts';

/** '' where everything is there; else `(skipped: needs ...)`, which belongs behind the name of the suite. */
export function missing(...needed: readonly (string | false | undefined)[]): string {
  const lacking = needed.filter((need) => typeof need === 'string' && need !== '');
  if (lacking.length === 0) return '';
  const note = `(skipped: needs ${lacking.join(', ')})`;
  process.stdout.write(`${note}\n`);
  return note;
}

/** `''`, or the name of the tool that is not there. */
export function tool(name: string): string {
  return toolPath(name) === undefined ? name : '';
}

export function toolPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

export const OTHER_ACCOUNT = 'nobody';

/** To start programs as another account, which has to be able to reach this clone. */
export function rootAndOtherAccount(): string {
  if (process.geteuid?.() !== 0) return 'root';
  try {
    const call = ['--reuid', OTHER_ACCOUNT, '--clear-groups', 'test', '-x', GATEHOUSE];
    execFileSync('setpriv', call, { stdio: 'ignore' });
    return '';
  } catch {
    return `setpriv, and ${GATEHOUSE} where ${OTHER_ACCOUNT} can reach it`;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
