/** `gatehouse` without a command: the console, over one facility that its log-ons share; at a first start the set-up wizard before. */
import { setFlagsFromString } from 'node:v8';
import { Fault } from '../core/errors.ts';
import { beginLogin } from '../core/login/begin-login.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { findConfigFile, firstConfigPath } from '../core/node/config-search.ts';
import { groupWarnings } from '../core/node/doctor-folders.ts';
import { openFacility } from '../core/node/facility.ts';
import { systemClock } from '../core/node/system-clock.ts';
import { loginDeps } from '../gate/login-world.ts';
import { terminalCapabilities } from '../terminal/capabilities.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import type { TerminalSession } from '../tui/terminal-session.ts';
import { remark } from './output.ts';
import { terminalName } from './terminal-name.ts';

/** Returns the exit status. Faults: `usage` where this is no terminal, and those of config and facility. */
export async function runConsole(configFlag: string | undefined): Promise<number> {
  if (!isTerminal(STDIN) || !isTerminal(STDOUT)) throw noTerminal('standard input and output are no terminal');
  keepMemorySmall();
  const { env } = process;
  const { ansi } = terminalCapabilities({ env, output: process.stdout, colour: 'auto' });
  if (!ansi) throw noTerminal(`this terminal (TERM=${env.TERM ?? ''}) cannot show a full screen`);
  const search = { flag: configFlag, environment: env, folder: process.cwd() };
  const first = firstConfigPath(search);
  const configFile = first ?? findConfigFile(search);
  // Whatever is wrong with it is said before the screen is taken.
  if (first === undefined) {
    readConfigFile(configFile);
    for (const warning of groupWarnings(configFile)) remark(`gatehouse: warning: ${warning}`);
  }
  const { openSession } = await import('../tui/terminal-session.ts');
  const session = openSession({ input: process.stdin, fd: STDIN, output: process.stdout, environment: env });
  try {
    if (first === undefined) return await openAndShow(session, { configFile });
    const [{ showSetUp }, { setUpService }] = await Promise.all([
      import('../tui/open-set-up.tsx'),
      import('./set-up-service.ts'),
    ]);
    const end = await showSetUp(session, { service: setUpService(configFile), clock: systemClock });
    return end.kind === 'left' ? end.status : await openAndShow(session, { configFile, user: end.admin });
  } finally {
    session.close();
  }
}

/** The terminal is the console's from the wizard's first question on: nothing typed between the two is echoed. */
async function openAndShow(
  session: TerminalSession,
  from: { readonly configFile: string; readonly user?: string },
): Promise<number> {
  const { config } = readConfigFile(from.configFile);
  const [{ showConsole }, facility] = await Promise.all([import('../tui/open-console.tsx'), openFacility(config)]);
  facility.trail.drainInBackground();
  const terminal = terminalName({ isTTY: true });
  try {
    await facility.trail.settleConfig(from.configFile);
    return await showConsole(session, {
      ...from,
      facility,
      gateOf: (live) => ({ terminal, begin: (begin) => beginLogin(loginDeps(live), { terminal, ...begin }) }),
    });
  } finally {
    await facility.close();
  }
}

/**
 * With 100,000 users 58 MB are alive. V8 would let its nursery grow to 128 MB for frames and searches that are garbage at once, and
 * collect the rest only when it has doubled; this costs no time that could be measured.
 */
function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=15');
}

const STDIN = 0;
const STDOUT = 1;

function noTerminal(why: string): Fault {
  return new Fault('usage', `The console needs a terminal: ${why}.`, { hint: 'gatehouse --help lists the commands.' });
}
