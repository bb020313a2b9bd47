/**
 * Where the single-file program begins: what bin/gatehouse does before Node, as far as JavaScript can, and then the program itself, out of
 * the executable. Invariant: nothing of the program is loaded before the environment is clean, and never from outside of the executable.
 */
import { startClean } from './clean-start.ts';
import { requirePacked } from './packed-modules.ts';
import { quietTerminal } from './quiet-terminal.ts';

const words = process.argv.slice(2);
startClean(words);
quietTerminal(words);
requirePacked('./gatehouse.cjs');
