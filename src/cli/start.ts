/** What the launcher starts: the program, from compiled code where there is some. Small, for it is itself compiled each time. */
import './node-version.ts';
import { join } from 'node:path';
import { runScript, scriptOf } from './compiled-code.ts';

const program = join(__dirname, 'gatehouse.cjs');
runScript(program, scriptOf(program));
