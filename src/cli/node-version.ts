/**
 * Loaded before everything else: a Node that is too old gets a sentence. The bundle's syntax is one that such a Node can read
 * (build.ts), so that it comes to this line at all; what it calls here is as old.
 */
import { closeSync, existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`gatehouse: This is Node ${process.versions.node}; Gatehouse needs Node 22.22.2 or newer.\n`);
  const place = placeOfNode();
  if (!existsSync(place)) process.stderr.write(`  Name a newer one: ln -s /path/to/node ${place}\n`);
  if (process.env.GATEHOUSE_QUIETED !== undefined) leaveTerminal();
  // 69, unavailable (SPEC §4).
  process.exit(69);
}

/** Where bin/gatehouse looks before it takes the system's: of the package's npm prefix, its project, or the clone. */
function placeOfNode(): string {
  const [root = ''] = process.argv[1]?.split(/\/dist\/[^/]*$/) ?? [];
  const [, prefix] = /^(.*)\/lib\/node_modules\/gatehouse$/.exec(root) ?? [];
  const [, project] = /^(.*)\/node_modules\/gatehouse$/.exec(root) ?? [];
  return prefix === undefined ? `${project ?? root}/node_modules/.bin/node` : `${prefix}/bin/node`;
}

/** What terminal-guard-leave does, which a Node as old as this cannot load: sane flags, and no descriptor by which to undo them. */
function leaveTerminal(): void {
  const loaded: typeof import('node:child_process') | undefined = process.mainModule?.require('child_process');
  loaded?.spawnSync('/bin/stty', ['icrnl', 'icanon', 'iexten', 'isig', 'echo'], { stdio: 'inherit', env: {} });
  for (const fd of [0, 1, 2]) closeSync(fd);
}
