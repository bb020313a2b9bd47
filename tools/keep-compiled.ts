/**
 * Runs a file as the launcher does, and keeps what V8 compiled of it until its first question is out: `node FLAGS tools/keep-compiled.ts FILE [argument ...]`.
 * Then it ends. What a function that ran was compiled to is what saves time, so it is taken there and not before.
 */
import { writeFileSync } from 'node:fs';
import { compiledCodeOf, runScript, scriptOf } from '../src/cli/compiled-code.ts';

const [node = '', , file = '', ...words] = process.argv;
process.argv = [node, file, ...words];
const script = scriptOf(file);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text: string | Uint8Array) => {
  write(text);
  if (!/: $/.test(String(text))) return true;
  writeFileSync(compiledCodeOf(file), script.createCachedData());
  return process.exit(0);
};
runScript(file, script);
