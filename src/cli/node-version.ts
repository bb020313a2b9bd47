/**
 * Loaded before everything else: a Node that is too old gets a sentence. The bundle's syntax is one that such a Node can read
 * (build.ts), so that it comes to this line at all; what it calls here is as old.
 */
import { closeSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`gatehouse: This is Node ${process.versions.node}; Gatehouse needs Node 22.22.2 or newer.\n`);
  if (process.env.GATEHOUSE_QUIETED !== undefined) leaveTerminal();
  // 69, unavailable (SPEC §4).
  process.exit(69);
}

/** What terminal-guard-leave does, which a Node as old as this cannot load: sane flags, and no descriptor by which to undo them. */
function leaveTerminal(): void {
  const loaded: typeof import('node:child_process') | undefined = process.mainModule?.require('child_process');
  loaded?.spawnSync('/bin/stty', ['icrnl', 'icanon', 'iexten', 'isig', 'echo'], { stdio: 'inherit', env: {} });
  for (const fd of [0, 1, 2]) closeSync(fd);
}
