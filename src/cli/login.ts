/**
 * `gatehouse login`. Invariant: the exit status is 77 from the first statement on, and 0 (or the command) comes in one place, behind
 * a verdict `granted` that was told to whoever asked for it; every throw, signal and end of the event loop leaves it as it is.
 */
import { isatty } from 'node:tty';
import type { Config } from '../core/config/model.ts';
import { EXIT_STATUS, Fault, toFault } from '../core/errors.ts';
import { type Begin, type Done, exitStatusOf } from '../core/login/message.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { inert } from '../core/visible-text.ts';
import { becomeCommand, type Command, findCommand } from '../gate/become-command.ts';
import { openDoor } from '../gate/door.ts';
import { runInkGate } from '../gate/ink/ink-gate.ts';
import { runLineGate } from '../gate/line/line-gate.ts';
import { terminalCapabilities } from '../terminal/capabilities.ts';
import { chooseFrontEnd, type FrontEnd } from '../terminal/front-end.ts';
import { leaveTerminal, leaveTerminalAtExit, makeBlocking, makeSane } from '../terminal/terminal-guard-leave.ts';
import { catchSignals } from '../terminal/terminal-guard-signals.ts';
import { type LoginArguments, parseLogin } from './login-arguments.ts';
import { checkResultFd, writeResult } from './login-result.ts';
import { terminalName } from './terminal-name.ts';

/** Ends the process, or becomes the command. `words` are those of `loginWords`; asking for help is not its work. */
export async function login(words: readonly string[]): Promise<never> {
  process.exitCode = EXIT_STATUS.denied;
  leaveTerminalAtExit();
  // The front end gives them their meaning. These stay until the command is there: a signal must not end the process in between,
  // with the terminal half put back.
  catchSignals({ end() {}, continued() {} });
  process.on('uncaughtException', (thrown) => fail(toFault(thrown)));
  process.on('unhandledRejection', (thrown) => fail(toFault(thrown)));
  try {
    const parsed = parseLogin(words);
    if (parsed.kind !== 'login') throw new Fault('usage', parsed.kind === 'usage' ? parsed.problem : 'Try --help.');
    return await logIn(parsed.login);
  } catch (thrown) {
    return fail(toFault(thrown));
  }
}

async function logIn(asked: LoginArguments): Promise<never> {
  const { resultFd, command: words, nonce } = asked;
  if (resultFd !== undefined) checkResultFd(resultFd);
  const command = words === undefined ? undefined : findCommand(words, process.env);
  const file = findConfigFile({ flag: asked.config, environment: process.env, folder: process.cwd() });
  const { config } = readConfigFile(file);
  const frontEnd = frontEndFor(asked, config);
  if (frontEnd === 'json' && resultFd === STDOUT) {
    throw new Fault('usage', 'Descriptor 1 is where the JSON conversation goes; --result-fd needs another one.');
  }
  // A host says itself where its people sit; otherwise it is the terminal that this is.
  const terminal = asked.terminal ?? (frontEnd === 'json' ? undefined : terminalName());
  const begin: Begin = {
    ...(asked.user === undefined ? {} : { user: asked.user }),
    ...(terminal === undefined ? {} : { terminal }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  const done = await askBy(frontEnd, config, begin);
  return finish({ done, resultFd, nonce: nonce ?? done.nonce, command });
}

const STDIN = 0;
const STDOUT = 1;

function frontEndFor(asked: LoginArguments, config: Config): FrontEnd {
  if (asked.frontEnd === 'line' || asked.frontEnd === 'json') return asked.frontEnd;
  const { env: environment } = process;
  const output = isatty(STDOUT) ? process.stdout : { isTTY: false };
  return chooseFrontEnd({
    requested: asked.frontEnd,
    available: ['ink', 'line', 'json'],
    input: { isTTY: isatty(STDIN) },
    capabilities: terminalCapabilities({ env: environment, output, colour: config.terminal.colour }),
  });
}

async function askBy(frontEnd: FrontEnd, config: Config, begin: Begin): Promise<Done> {
  switch (frontEnd) {
    case 'ink':
      return askByForm(config, begin);
    case 'line':
      return askByLine(config, begin);
    case 'json':
      return askByJson(config, begin);
  }
}

async function askByForm(config: Config, begin: Begin): Promise<Done> {
  return runInkGate({
    conversation: openDoor(config).converse({ ...begin, recoveryCodes: 'offered' }),
    input: { stream: process.stdin, fd: STDIN },
    output: process.stdout,
    environment: process.env,
    settings: config.terminal,
    timeoutSeconds: config.login.timeoutSeconds,
    mode: config.mode,
    givenName: begin.user,
  });
}

async function askByLine(config: Config, begin: Begin): Promise<Done> {
  return runLineGate({
    conversation: openDoor(config).converse({ ...begin, recoveryCodes: 'offered' }),
    input: isatty(STDIN)
      ? { kind: 'terminal', stream: process.stdin, fd: STDIN }
      : { kind: 'pipe', stream: process.stdin },
    // SPEC §4: nothing on stdout that a host did not ask for.
    output: isatty(STDOUT) ? process.stdout : process.stderr,
    environment: process.env,
    settings: config.terminal,
    timeoutSeconds: config.login.timeoutSeconds,
  });
}

async function askByJson(config: Config, fixed: Begin): Promise<Done> {
  // Somebody who tries the conversation out by hand wants to see it.
  if (isatty(STDIN)) makeSane();
  const { runJsonLogin } = await import('./login-json.ts');
  const door = openDoor(config);
  return runJsonLogin({ fixed, timeoutSeconds: config.login.timeoutSeconds, converse: door.open });
}

async function finish(end: {
  readonly done: Done;
  readonly resultFd: number | undefined;
  readonly nonce: string | undefined;
  readonly command: Command | undefined;
}): Promise<never> {
  const { done, resultFd, nonce, command } = end;
  leaveTerminal();
  if (command !== undefined && !isatty(STDIN)) makeBlocking();
  if (resultFd !== undefined) writeResult(resultFd, done, nonce);
  if (done.outcome === 'granted' && command !== undefined) {
    return process.exit(await becomeCommand(command, done, process.env));
  }
  return process.exit(exitStatusOf(done));
}

/** A sentence and a next step, on stderr: there is no conversation to say it in. */
function fail(fault: Fault): never {
  const lines = [`gatehouse: ${fault.message}`, ...(fault.hint === undefined ? [] : [`  ${fault.hint}`])];
  const sentence = `${lines.join('\n').split('\n').map(inert).join('\n')}\n`;
  // Listeners run in the order they came: a form that is up leaves its screen first, and the sentence stays.
  process.once('exit', () => void process.stderr.write(sentence));
  return process.exit(EXIT_STATUS[fault.code]);
}
