/**
 * Loaded before everything else: a Node that is too old gets a sentence. The bundle's syntax is one that such a Node can read
 * (build.ts), so that it comes to this line at all.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`gatehouse: This is Node ${process.versions.node}; Gatehouse needs Node 22.22.2 or newer.\n`);
  // 69, unavailable (SPEC §4).
  process.exit(69);
}
