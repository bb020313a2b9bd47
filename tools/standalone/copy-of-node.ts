/**
 * The Node that runs the build, copied; without symbols for debuggers, where binutils is there to take them away (18 of 127 MB), and with
 * the limits of whoever starts it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';

/** What the dynamic linker needs stays: addons find Node's functions as before. */
export function copyOfNode(target: string): void {
  copyFileSync(process.execPath, target);
  chmodSync(target, 0o755);
  try {
    execFileSync('strip', [target], { stdio: 'pipe' });
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    process.stderr.write(
      'build:standalone: No strip (binutils) here: the executable keeps its symbols and is 18 MB bigger.\n',
    );
  }
  writeFileSync(target, withoutSetrlimit(readFileSync(target)));
}

/**
 * Node raises its soft limit of open files before any JavaScript, and forgets what it was; the command behind the gate is to have the
 * caller's. No option keeps it from that. Its one call of setrlimit(2) is linked by name; with another name in its place it is a getpid(2),
 * which changes nothing and, not being 0, means to Node that the limit cannot be raised.
 */
function withoutSetrlimit(executable: Buffer): Buffer {
  const [first, second] = ['setrlimit64', 'setrlimit'].flatMap((name) => placesOf(`\0${name}\0`, executable));
  if (first === undefined || second !== undefined) {
    throw new Error(`Where Node ${process.versions.node} raises its limit of open files is not known.`);
  }
  executable.write('getpid\0', first + 1, 'latin1');
  return executable;
}

function placesOf(text: string, bytes: Buffer): readonly number[] {
  const at = bytes.indexOf(text, 0, 'latin1');
  return at === -1 ? [] : [at, ...placesOf(text, bytes.subarray(at + 1)).map((place) => at + 1 + place)];
}
