/**
 * Where the single-file program begins: what bin/gatehouse does before Node, as far as JavaScript can, and then the program itself, out of
 * the executable. Invariant: nothing of the program is loaded before the environment is clean, and never from outside of the executable.
 */
import { setFlagsFromString } from 'node:v8';
import { loginWords } from '../cli/login-arguments.ts';
import { startClean } from './clean-start.ts';
import { requirePacked } from './packed-modules.ts';
import { quietTerminal } from './quiet-terminal.ts';

/**
 * V8 compiles nothing a second time, optimised. The launcher keeps that off other threads for a log-on, so that the exit has none to wait for; of the
 * flags that the executable always has, that would be dear to the console. The code of a log-on is not worth it anyway.
 */
const NOT_OPTIMISED = '--max-optimized-bytecode-size=0';

const words = process.argv.slice(2);
startClean(words);
quietTerminal(words);
requirePacked('./gatehouse.cjs');
// Now: Node's own modules loaded after a change of flags are compiled without their cache.
if (loginWords(words) !== undefined) setFlagsFromString(NOT_OPTIMISED);
