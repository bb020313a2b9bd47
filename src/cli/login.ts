/**
 * `gatehouse login`. Invariant: the exit status is 77 from the first statement on, and 0 (or the command) comes in one place, behind
 * a verdict `granted` that was told to whoever asked for it; every throw, signal and end of the event loop leaves it as it is.
 */
import type { Config } from '../core/config/model.ts';
import { EXIT_STATUS, Fault, toFault } from '../core/errors.ts';
import { type Begin, type Done, exitStatusOf } from '../core/login/message.ts';
import { readGateConfig } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { inert } from '../core/visible-text.ts';
import { becomeCommand, type Command, findCommand } from '../gate/become-command.ts';
import { type Door, openDoor } from '../gate/door.ts';
import { runInkGate } from '../gate/ink/ink-gate.ts';
import { drawFirstPrompt } from '../gate/line/first-prompt.ts';
import { runLineGate } from '../gate/line/line-gate.ts';
import { type TerminalOutput, terminalCapabilities } from '../terminal/capabilities.ts';
import { chooseFrontEnd, type FrontEnd } from '../terminal/front-end.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import { leaveTerminal, leaveTerminalAtExit, makeBlocking, makeSane } from '../terminal/terminal-guard-leave.ts';
import { catchSignals } from '../terminal/terminal-guard-signals.ts';
import { type LoginArguments, parseLogin } from './login-arguments.ts';
import { checkResultFd, writeResult } from './login-result.ts';
import type { PreparedTerminal } from './prepared-terminal.ts';
import { terminalName } from './terminal-name.ts';

/** Ends the process, or becomes the command. `words` are those of `loginWords`; asking for help is not its work. */
export async function login(words: readonly string[], prepared: PreparedTerminal): Promise<never> {
  process.exitCode = EXIT_STATUS.denied;
  const stdin = { isTTY: prepared !== 'unknown' || isTerminal(STDIN) };
  if (stdin.isTTY) leaveTerminalAtExit();
  // The front end gives them their meaning. These stay until the command is there: a signal must not end the process in between,
  // with the terminal half put back.
  catchSignals({ end() {}, continued() {} });
  process.on('uncaughtException', (thrown) => fail(toFault(thrown)));
  process.on('unhandledRejection', (thrown) => fail(toFault(thrown)));
  try {
    const parsed = parseLogin(words);
    if (parsed.kind !== 'login') throw new Fault('usage', parsed.kind === 'usage' ? parsed.problem : 'Try --help.');
    return await logIn(parsed.login, { stdin, prepared });
  } catch (thrown) {
    return fail(toFault(thrown));
  }
}

type Seat = { readonly stdin: { readonly isTTY: boolean }; readonly prepared: PreparedTerminal };

async function logIn(asked: LoginArguments, seat: Seat): Promise<never> {
  const { resultFd, command: words, nonce } = asked;
  if (resultFd !== undefined) checkResultFd(resultFd);
  const command = words === undefined ? undefined : findCommand(words, process.env);
  const file = findConfigFile({ flag: asked.config, environment: process.env, folder: process.cwd() });
  const { config, writers } = readGateConfig(file);
  const frontEnd = frontEndFor(asked, config, seat);
  if (frontEnd === 'json' && resultFd === STDOUT) {
    throw new Fault('usage', 'Descriptor 1 is where the JSON conversation goes; --result-fd needs another one.');
  }
  // A host says itself where its people sit; otherwise it is the terminal that this is.
  const terminal = asked.terminal ?? (frontEnd === 'json' ? undefined : terminalName(seat.stdin));
  const begin: Begin = {
    ...(asked.user === undefined ? {} : { user: asked.user }),
    ...(terminal === undefined ? {} : { terminal }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  const door = openDoor(config, { configFile: file, writers });
  const done = await askBy(frontEnd, { door, config, begin, seat });
  if (done.outcome === 'granted') await closeSoon(door);
  return finish({ done, resultFd, nonce: nonce ?? done.nonce, command, seat });
}

const STDIN = 0;
const STDOUT = 1;

function frontEndFor(asked: LoginArguments, config: Config, { stdin, prepared }: Seat): FrontEnd {
  if (asked.frontEnd === 'line' || asked.frontEnd === 'json') return asked.frontEnd;
  const choiceFor = (output: TerminalOutput) =>
    chooseFrontEnd({
      requested: asked.frontEnd,
      available: ['ink', 'line', 'json'],
      input: stdin,
      capabilities: terminalCapabilities({ env: process.env, output, colour: config.terminal.colour }),
    });
  // Its size matters to the form alone, and asking for that loads Node's terminal modules.
  if (prepared === 'raw' && choiceFor({ isTTY: true }) === 'line') return 'line';
  return choiceFor(isTerminal(STDOUT) ? process.stdout : { isTTY: false });
}

type Asking = { readonly door: Door; readonly config: Config; readonly begin: Begin; readonly seat: Seat };

async function askBy(frontEnd: FrontEnd, asking: Asking): Promise<Done> {
  switch (frontEnd) {
    case 'ink':
      return askByForm(asking);
    case 'line':
      return askByLine(asking);
    case 'json':
      return askByJson(asking);
  }
}

async function askByForm({ door, config, begin }: Asking): Promise<Done> {
  return runInkGate({
    conversation: door.converse({ ...begin, recoveryCodes: 'offered' }),
    input: { stream: process.stdin, fd: STDIN },
    output: process.stdout,
    environment: process.env,
    settings: config.terminal,
    timeoutSeconds: config.login.timeoutSeconds,
    mode: config.mode,
    givenName: begin.user,
  });
}

async function askByLine({ door, config, begin, seat }: Asking): Promise<Done> {
  const conversation = door.converse({ ...begin, recoveryCodes: 'offered' });
  const { env: environment } = process;
  const drawn =
    seat.prepared === 'raw' &&
    drawFirstPrompt({
      ask: conversation.first,
      environment,
      colour: config.terminal.colour,
      input: STDIN,
      output: STDOUT,
    });
  return runLineGate({
    conversation,
    firstPrompt: drawn ? 'drawn' : 'to-draw',
    input: seat.stdin.isTTY
      ? { kind: 'terminal', stream: process.stdin, fd: STDIN }
      : { kind: 'pipe', stream: process.stdin },
    // SPEC §4: nothing on stdout that a host did not ask for.
    output: isTerminal(STDOUT) ? process.stdout : process.stderr,
    environment,
    settings: config.terminal,
    timeoutSeconds: config.login.timeoutSeconds,
  });
}

async function askByJson({ door, config, begin, seat }: Asking): Promise<Done> {
  // Somebody who tries the conversation out by hand wants to see it.
  if (seat.stdin.isTTY) makeSane();
  const { runJsonLogin } = await import('./login-json.ts');
  return runJsonLogin({ fixed: begin, timeoutSeconds: config.login.timeoutSeconds, converse: door.open });
}

/**
 * What was granted is on disk already. The store is left in order all the same, as one whole file or one connection less: neither `exec` nor
 * `process.exit` would close it. A server that does not answer keeps nobody from the program.
 */
async function closeSoon(door: Door): Promise<void> {
  let soon: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    soon = setTimeout(resolve, CLOSING_MS);
  });
  await Promise.race([door.close().catch(() => undefined), waited]);
  clearTimeout(soon);
}

const CLOSING_MS = 500;

async function finish(end: {
  readonly done: Done;
  readonly resultFd: number | undefined;
  readonly nonce: string | undefined;
  readonly command: Command | undefined;
  readonly seat: Seat;
}): Promise<never> {
  const { done, resultFd, nonce, command, seat } = end;
  leaveTerminal();
  if (command !== undefined && !seat.stdin.isTTY) makeBlocking();
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
