/** The system calls of a save as the kernel sees them, by strace where it is installed: also those that `node:sqlite` makes itself. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The `ordinal`th call of this name that its thread makes. */
export type SystemCall = { readonly name: string; readonly ordinal: number };

const NAMES = [
  'openat',
  'close',
  'fsync',
  'fdatasync',
  'pwrite64',
  'write',
  'pread64',
  'rename',
  'unlink',
  'fcntl',
  'fstat',
  'lstat',
  'statx',
  'newfstatat',
  'ftruncate',
];

/** Also where strace is there and the kernel forbids it. */
export function hasStrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

// Not --seccomp-bpf, quicker as it is: nothing is injected then.
const QUIET = ['-f', '-qq', '-e', 'signal=none'];

export function straceThatKills({ name, ordinal }: SystemCall): readonly string[] {
  const inject = `inject=${name}:signal=KILL:when=${ordinal}`;
  return [...QUIET, '-o', '/dev/null', '-e', `trace=${name}`, '-e', inject];
}

/** What a writer calls from `armed` on; `run` runs one with these words of strace. */
export async function systemCallsOf(
  folder: string,
  run: (strace: readonly string[]) => Promise<unknown>,
): Promise<readonly SystemCall[]> {
  const log = join(folder, 'strace.log');
  await run([...QUIET, '-o', log, '-e', `trace=${NAMES.join(',')}`]);
  const ordinals = new Map<string, number>();
  const calls: SystemCall[] = [];
  let armed = false;
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const [, thread, name] = /^(\d+) +([a-z0-9]+)\(/.exec(line) ?? [];
    if (name === undefined) continue;
    if (line.includes('write(1, "armed')) armed = true;
    const ordinal = 1 + (ordinals.get(`${thread} ${name}`) ?? 0);
    ordinals.set(`${thread} ${name}`, ordinal);
    if (armed) calls.push({ name, ordinal });
  }
  return calls;
}
