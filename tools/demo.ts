/**
 * `npm run demo`: a throw-away hospital to play with. Prints who is there and what to type, then offers console and gate until it is
 * left; the folder goes with it, however it ends. `npm run demo -- phone` is an authenticator for whoever has no phone at hand;
 * `as-built` takes the program as the last build left it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT_STATUS, Fault, toFault } from '../src/core/errors.ts';
import { type DemoFacility, makeDemoFacility } from './demo-facility.ts';
import { showPhone } from './demo-phone.ts';
import { demoSheet } from './demo-sheet.ts';

const GATEHOUSE = join(import.meta.dirname, '../bin/gatehouse');

/** What the gate becomes here. */
const HOST_PROGRAM =
  'printf "\\nYour program begins here, as %s, let in by %s. Enter goes back.\\n" "$GATEHOUSE_USER" "$GATEHOUSE_METHOD"; read -r line';

const PLAIN = { TERM: 'dumb' };

/** The program that has the terminal, which it gives back before anything else happens. */
let running: ChildProcess | undefined;

try {
  if (!process.stdin.isTTY || !process.stdout.isTTY) refuse('The demo is to be played with: it needs a terminal.');
  else if (process.argv[2] === 'phone') await showPhone();
  else await play();
} catch (thrown) {
  const { message, hint } = toFault(thrown);
  process.stderr.write(`${[message, hint].filter((text) => text !== undefined).join('\n')}\n`);
  process.exitCode = EXIT_STATUS.unavailable;
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = EXIT_STATUS.usage;
}

async function play(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
  print('Making a hospital of 60 people ...');
  const build = process.argv[2] === 'as-built' ? undefined : buildProgram();
  const [demo] = await Promise.all([makeDemoFacility({ folder, now: Date.now() }), build]);
  for (let message = ''; ; ) {
    await showSheet(demo, message);
    const choice = await ask('Number, then Enter: ');
    if (choice === undefined || choice === 'q' || choice === '5') break;
    message = await follow(choice, demo.configFile);
  }
  print('The hospital is gone.');
}

function end(signal: NodeJS.Signals): void {
  if (running === undefined) process.exit(EXIT_STATUS.cancelled);
  running.once('close', () => process.exit(EXIT_STATUS.cancelled));
  running.kill(signal);
}

/** As it stands in the clone. Not for the phone: it would take the program away from under the demo that is on. */
async function buildProgram(): Promise<void> {
  const root = join(import.meta.dirname, '..');
  const status = await ended(spawn(process.execPath, ['build.ts'], { cwd: root, stdio: 'inherit' }));
  if (status !== 0) throw new Fault('internal', 'The program could not be built.');
}

async function showSheet(demo: DemoFacility, message: string): Promise<void> {
  print(
    '',
    '  Gatehouse demo: Codectomy St Elsewhere, half-way through its roll-out.',
    `  Thrown away when you leave: ${demo.configFile}`,
    '',
    ...(await demoSheet(demo)),
    '',
    '  No phone to scan a QR code with? In another terminal: npm run demo -- phone',
    '',
    '  1  The console: sign in as ada; omar, for one, is locked out',
    '  2  The gate, in front of a program: log on as alice, nadia, zoe, felix ...',
    '  3  The gate in plain lines, as dumb terminals get it',
    '  4  Fresh codes',
    '  5  Leave',
    message,
  );
}

/** What is to be said about how it went. */
async function follow(choice: string, configFile: string): Promise<string> {
  const gate = ['login', '--', 'sh', '-c', HOST_PROGRAM];
  switch (choice) {
    case '1':
      return ending('The console', await run(['--config', configFile]));
    case '2':
      return ending('The gate', await run(['--config', configFile, ...gate]));
    case '3':
      return ending('The gate', await run(['--config', configFile, ...gate], PLAIN));
    case '4':
      return '';
    default:
      return '  Type 1, 2, 3, 4 or 5.';
  }
}

/** Exit status of the program, which has the terminal until it ends. */
function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number> {
  // Ctrl-C is meant for the program.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  running = spawn(GATEHOUSE, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  return ended(running).finally(() => {
    running = undefined;
    process.off('SIGINT', ignore);
  });
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (status) => settle(status ?? EXIT_STATUS.internal));
  });
}

function ending(what: string, status: number): string {
  const words: Readonly<Record<number, string>> = { 77: 'denied', 130: 'cancelled' };
  return status === 0 ? '' : `  ${what} ended with exit status ${status}${words[status] ? ` (${words[status]})` : ''}.`;
}

/** A line; undefined at the end of the input or with Ctrl-C. */
function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  return new Promise((settle) => {
    const end = (answer: string | undefined): void => {
      process.off('SIGINT', interrupted);
      lines.off('close', closed);
      lines.close();
      settle(answer);
    };
    const interrupted = (): void => end(undefined);
    const closed = (): void => end(undefined);
    process.on('SIGINT', interrupted);
    lines.on('close', closed);
    lines.question(question, (line) => end(line.trim().toLowerCase()));
  });
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
