/** sql.js, loaded when first needed (some 20 ms) and only then; silent, since what it prints would go to a user's terminal. */
import { setFlagsFromString } from 'node:v8';
import type { SqlJsStatic } from 'sql.js';
import { warmUpFileLock } from '../../node/file-lock.ts';

let loading: Promise<SqlJsStatic> | undefined;

/** Begins to load all that a store needs, so that its parts load side by side. Errors show when the store is used. */
export function warmUp(): void {
  loadSqljs().catch(() => undefined);
  warmUpFileLock().catch(() => undefined);
}

export function loadSqljs(): Promise<SqlJsStatic> {
  loading ??= load();
  loading.catch(forgetSqljs);
  return loading;
}

/** After WebAssembly itself gave up (out of memory, abort) this instance is of no use any more. */
export function forgetSqljs(): void {
  loading = undefined;
}

/**
 * V8 compiles WebAssembly again, optimised, once a function has run through so many bytes. At the default of 13 million every gate has SQLite's parser and
 * bytecode machine optimised in the background, which takes longer than all of its log-on; what runs for long gets there all the same. A module keeps what
 * was in force when it was made; put back, for under a changed flag Node compiles its own modules anew instead of taking them as they were built.
 */
const OPTIMISE_LATE = '--wasm-tiering-budget=1000000000';
const OPTIMISE_AS_EVER = '--wasm-tiering-budget=13000000';

async function load(): Promise<SqlJsStatic> {
  const { default: initSqlJs } = await import('sql.js');
  setFlagsFromString(OPTIMISE_LATE);
  try {
    return await initSqlJs({ print: () => undefined, printErr: () => undefined });
  } finally {
    setFlagsFromString(OPTIMISE_AS_EVER);
  }
}
