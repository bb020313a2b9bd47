/**
 * `npm run build:standalone`: one executable out of dist and this very Node, at standalone/gatehouse or where `--out FILE` says. Node's own
 * support for single executables does it (docs/standalone.md): a blob with our files is put into a copy of the executable.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyOfNode } from './copy-of-node.ts';
import { droppedNames } from './dropped-names.ts';
import { bundleMain, packedFiles } from './packed-files.ts';
import { refuseElsewhere } from './supported.ts';
import { tryOut } from './try-out.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'standalone/gatehouse' } } });
const target = resolve(values.out);

/**
 * As bin/gatehouse calls its Node (there it says why); and OpenSSL takes no configuration from the environment, which could name code to load.
 * Flags of V8 have to be the same where the code cache is made: it would be thrown away.
 */
const V8_FLAGS = ['--no-concurrent-sparkplug'];
const NODE_FLAGS = ['--inspect-port=240.0.0.1:1025', '--openssl-config=/dev/null', ...V8_FLAGS];

const [MAIN, BLOB, CONFIGURATION] = ['main.cjs', 'blob', 'configuration.json'];

refuseElsewhere();
mkdirSync(dirname(target), { recursive: true });
// Beside the target: what is ready is renamed to it.
const folder = mkdtempSync(join(dirname(target), '.gatehouse-'));
try {
  const executable = join(folder, 'gatehouse');
  copyOfNode(executable);
  inject(executable, await makeBlob());
  chmodSync(executable, 0o755);
  tryOut(executable);
  renameSync(executable, target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const megabytes = Math.round(statSync(target).size / 1e6);
process.stdout.write(
  `${target}: ${megabytes} MB, Node ${process.versions.node}, ${process.platform}-${process.arch}.\n`,
);

/** Path of the blob. Made in its folder: the name of the main script goes into the executable, and is to be the same wherever it's made. */
async function makeBlob(): Promise<string> {
  await bundleMain(join(folder, MAIN), droppedNames(readFileSync('bin/gatehouse', 'utf8')));
  const configuration = {
    main: MAIN,
    output: BLOB,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    execArgv: NODE_FLAGS,
    // Neither NODE_OPTIONS nor anything on the command line is for Node.
    execArgvExtension: 'none',
    assets: await packedFiles(folder),
  };
  writeFileSync(join(folder, CONFIGURATION), JSON.stringify(configuration));
  const words = [...V8_FLAGS, '--experimental-sea-config', CONFIGURATION];
  execFileSync(process.execPath, words, { cwd: folder, stdio: 'pipe' });
  return join(folder, BLOB);
}

/** By the command of postject: what it says beside its errors is about notes of the linker, which it leaves as they are. */
function inject(executable: string, blob: string): void {
  const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
  const postject = resolve('node_modules/postject/dist/cli.js');
  execFileSync(process.execPath, [postject, executable, 'NODE_SEA_BLOB', blob, ...fuse], { stdio: 'pipe' });
}
