/** `gatehouse` without a command: the console, over one facility that its log-ons share. */
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { Fault } from '../core/errors.ts';
import { beginLogin } from '../core/login/begin-login.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { openFacility } from '../core/node/facility.ts';
import { loginWorld } from '../gate/login-world.ts';
import { terminalCapabilities } from '../terminal/capabilities.ts';

/** Returns the exit status. Faults: `usage` where this is no terminal, and those of config and facility. */
export async function runConsole(configFlag: string | undefined): Promise<number> {
  if (!isatty(STDIN) || !isatty(STDOUT)) throw noTerminal('standard input and output are no terminal');
  const configFile = findConfigFile({ flag: configFlag, environment: process.env, folder: process.cwd() });
  const { config } = readConfigFile(configFile);
  const { env } = process;
  const { ansi } = terminalCapabilities({ env, output: process.stdout, colour: config.terminal.colour });
  if (!ansi) throw noTerminal(`this terminal (TERM=${env.TERM ?? ''}) cannot show a full screen`);
  // Reading 100,000 users, V8 would let its nursery grow to 128 MB and keep it; what lives is 44 MB.
  setFlagsFromString('--optimize-for-size');
  const [{ openConsole }, facility] = await Promise.all([import('../tui/open-console.tsx'), openFacility(config)]);
  try {
    return await openConsole({
      facility,
      gateOf: (live) => ({ begin: (begin) => beginLogin(loginWorld(live), begin) }),
      configFile,
      terminal: { input: process.stdin, fd: STDIN, output: process.stdout, environment: env },
    });
  } finally {
    await facility.close();
  }
}

const STDIN = 0;
const STDOUT = 1;

function noTerminal(why: string): Fault {
  return new Fault('usage', `The console needs a terminal: ${why}.`, { hint: 'gatehouse --help lists the commands.' });
}
