/** What a process and everything that it waited for cost the machine, by the kernel's own account of it (getrusage). */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type Command = { readonly file: string; readonly args: readonly string[] };

/** Milliseconds of user and system time while `work` runs, over all threads of this process. */
export async function ownCpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * The command under the `time` of bash, which has no process of its own: it forks, waits, and writes down what the child and the child's
 * children cost, in milliseconds. `read` takes the account once the command has ended.
 */
export function accounted({ file, args }: Command, folder: string): { readonly command: Command; read(): number } {
  const account = join(folder, 'account');
  const script = '{ time "$@" 2>&3; } 3>&2 2>"$account"';
  const environment = [`account=${account}`, 'TIMEFORMAT=%3U %3S'];
  return {
    command: { file: 'env', args: [...environment, 'bash', '-c', script, 'bash', file, ...args] },
    read() {
      const text = readFileSync(account, 'utf8').trim();
      rmSync(account);
      const found = /^(\d+\.\d{3}) (\d+\.\d{3})$/.exec(text);
      if (!found) throw new Error(`bash gave no account of the time: ${text}`);
      return (Number(found[1]) + Number(found[2])) * 1000;
    },
  };
}
