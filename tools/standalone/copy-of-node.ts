/** The Node that runs the build, copied; without symbols for debuggers, where binutils is there to take them away (18 of 127 MB). */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';

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
}
