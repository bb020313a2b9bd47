/**
 * Runs a CommonJS file of this package with what V8 compiled of it when the package was built, so that the first question need not wait for that. The
 * compiled code lies beside its file, where only who installs the package can write; V8 turns it down where it was made by another
 * Node, under other flags or from a file of another length, and where it is damaged, and compiles as it always does.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

/** Where the compiled code of `file` lies. */
export function compiledCodeOf(file: string): string {
  return `${file}.compiled`;
}

/** The file, an absolute path, as a script that was not run yet. */
export function scriptOf(file: string): Script {
  const cachedData = read(compiledCodeOf(file));
  // The bundle is ASCII, so one byte is one character, and V8 counts them.
  return new Script(
    `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`,
    {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
}

/** As `require` would run it. */
export function runScript(file: string, script: Script): void {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
