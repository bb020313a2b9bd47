/**
 * What Node loads first. It is written so that every Node since 14 can read it: one that is too old gets a sentence, and the
 * program itself, which such a Node could not even parse, is loaded only afterwards.
 */
var [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`gatehouse: This is Node ${process.versions.node}; Gatehouse needs Node 22.22.2 or newer.\n`);
  process.exitCode = 69;
} else {
  import('./main.ts').catch((error) => {
    process.exitCode = 70;
    process.stderr.write(`gatehouse: The program could not be loaded: ${error.message}\n`);
  });
}
