/** gatehouse serve: the server in the foreground, as a service manager wants it, until it is told to stop. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Fault } from '../core/errors.ts';
import { handedOverSockets } from '../gate/server/activation.ts';
import { FAKE_CODE, FAKE_PASSWORD, FAKE_USERS } from '../gate/server/fake-users.ts';
import { tellSystemd } from '../gate/server/tell-systemd.ts';
import { type Call, callOf, configFileOf } from './call.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';
import { VERSION } from './version.ts';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'answer the log-ons of many terminals at the sockets of [Server], so that they need no right to the database',
    )
    .option('--fake', 'a gate for tests of host programs: no facility, made-up users')
    .option('--socket <file>', 'with --fake: where it answers; its name has to say fake')
    .option('--host-socket <file>', 'with --fake: where a host may begin at the code')
    .addHelpText('after', helpText({ paragraph: SERVE_HELP, examples: ['gatehouse serve', FAKE_EXAMPLE] }))
    .action(async (options: ServeOptions, command: Command) => {
      if (options.fake === true) return serveFake(options, callOf(command));
      return serve(options, callOf(command));
    });
}

type ServeOptions = { readonly fake?: true; readonly socket?: string; readonly hostSocket?: string };

const FAKE_EXAMPLE = 'gatehouse serve --fake --socket /tmp/my-tests/fake.sock';
const SERVE_HELP = [
  'SIGHUP and a change of config.ini make it read its configuration again; one that is not right is not taken. SIGTERM stops it.',
  `The users of the fake, password "${FAKE_PASSWORD}", code ${FAKE_CODE}: ${FAKE_USERS.map(({ name }) => name).join(', ')}.`,
].join('\n');

async function serve({ socket, hostSocket }: ServeOptions, call: Call): Promise<void> {
  if (socket !== undefined || hostSocket !== undefined) {
    throw new Fault('usage', '--socket and --host-socket are for --fake; else config.ini says where.', {
      hint: 'gatehouse config set Server.Socket /run/gatehouse/gate.sock',
    });
  }
  const hashing = availableParallelism();
  // Threads beyond those that hash, so that a file which is being synced does not wait behind passwords. libuv reads it at its first use.
  process.env.UV_THREADPOOL_SIZE = String(hashing + THREADS_FOR_FILES);
  const handedOver = handedOverSockets(process.env, process.pid);
  const { startServer } = await import('../gate/server/server.ts');
  const stopped = stopSignal();
  const server = await startServer({
    configFile: configFileOf(call),
    handedOver,
    version: VERSION,
    hashing,
    log,
  });
  process.on('SIGHUP', () => void server.reload());
  await announce('READY=1', `Answers at ${server.places.join(' and ')}.`);
  await stopped;
  await announce('STOPPING=1', 'Stops; those who are served are told.');
  await server.stop();
  end();
}

async function serveFake({ socket, hostSocket }: ServeOptions, { configFlag }: Call): Promise<void> {
  if (configFlag !== undefined) throw new Fault('usage', '--fake takes no configuration.');
  if (socket === undefined) throw new Fault('usage', '--fake needs --socket.', { hint: FAKE_EXAMPLE });
  const { startFakeServer } = await import('../gate/server/fake-server.ts');
  const stopped = stopSignal();
  const fake = await startFakeServer({
    socket: resolve(socket),
    hostSocket: hostSocket === undefined ? undefined : resolve(hostSocket),
    version: VERSION,
  });
  log('FAKE. This gate is for tests of programs; it lets in whoever has read the manual. FAKE.');
  for (const { name, outcome } of FAKE_USERS) log(`FAKE user ${name}: ${outcome}`);
  log(`FAKE password ${FAKE_PASSWORD}, code ${FAKE_CODE}. Answers at ${fake.names.join(' and ')}.`);
  await stopped;
  await fake.close(FAKE_GRACE_MS);
  end();
}

const THREADS_FOR_FILES = 4;
const FAKE_GRACE_MS = 2000;

function stopSignal(): Promise<void> {
  // Whoever reads the log may go; the server stays.
  process.stderr.on('error', () => {});
  // Until the server is there, it means nothing; without a listener it would end the process.
  process.on('SIGHUP', () => {});
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
}

async function announce(standing: 'READY=1' | 'STOPPING=1', sentence: string): Promise<void> {
  log(sentence);
  const problem = await tellSystemd(standing, sentence);
  if (problem !== undefined) log(problem);
}

function log(sentence: string): void {
  remark(`gatehouse serve: ${sentence}`);
}

/** A password that is still being hashed for somebody who was cut off would hold the process. */
function end(): never {
  return process.exit(0);
}
