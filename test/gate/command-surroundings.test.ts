/**
 * The attack: somebody starts the gate with descriptors open, signals blocked or ignored, a umask and limits of their own; what of
 * it, or of Node, reaches the command? Each is held against what the same command gets from the same caller without a gate.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { missing, tool } from '../examples/needs.ts';
import { standaloneProgram } from '../support/standalone-program.ts';
import { GATEHOUSE, PASSWORD, standingFacility } from '../support/standing-facility.ts';

const lacking = missing(tool('python3'), process.platform !== 'linux' && 'Linux');

/** Becomes the words behind it. Descriptors: low ones, where Node has its own, then gaps, then one below and one above its soft limit. */
const CALLER = `
import os, resource, signal, sys
for fd in [3, 4, 5, 9, 10, 17, 20, 40, 100, 399]:
    os.dup2(os.open('/dev/null', os.O_WRONLY), fd, inheritable=True)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
for name in ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGTSTP', 'SIGPIPE', 'SIGXFSZ', 'SIGCHLD']:
    signal.signal(getattr(signal, name), signal.SIG_IGN)
os.umask(0o027)
for (limit, soft) in [('CORE', 4096), ('NOFILE', 400), ('STACK', 4 << 20), ('MEMLOCK', 32768), ('FSIZE', 1 << 30)]:
    of = getattr(resource, 'RLIMIT_' + limit)
    resource.setrlimit(of, (soft, resource.getrlimit(of)[1]))
os.execv(sys.argv[1], sys.argv[1:])
`;

async function calledBy(caller: string, words: readonly string[], input: string): Promise<string> {
  const child = spawn('python3', ['-Es', '-c', caller, ...words], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return text(child.stdout);
}

const SURROUNDINGS = ['/bin/cat', '/proc/self/status', '/proc/self/limits'];
/** `ls` opens the folder that it lists: the next free number. */
const DESCRIPTORS = ['/bin/ls', '/proc/self/fd'];

const facility = standingFacility();
const standalone = standaloneProgram();

const ANSWERS = `alice\n${PASSWORD}\n`;
const CONVERSATION = `{"type":"begin","user":"alice"}\n${JSON.stringify({ type: 'answer', id: 1, value: PASSWORD })}\n`;

const WAYS = [
  ['plain lines', [], ANSWERS],
  ['plain lines, with the result on a descriptor between others', ['--result-fd', '40'], ANSWERS],
  ['the JSON conversation', ['--front-end', 'json'], CONVERSATION],
] as const;

const PROGRAMS = [
  ['the launcher', () => GATEHOUSE],
  ['the single-file program', () => standalone.file],
] as const;

describe.skipIf(lacking !== '').each(PROGRAMS)(`the command behind %s ${lacking}`, (_, program) => {
  describe.each(WAYS)('by %s', (_way, options, input) => {
    const behindGate = (command: readonly string[]) =>
      calledBy(CALLER, [program(), '--config', facility.config, 'login', ...options, '--', ...command], input);

    test('has descriptors 0 to 2 alone', async () => {
      expect((await calledBy(CALLER, DESCRIPTORS, '')).split('\n')).toContain('399');
      expect(lastLines(await behindGate(DESCRIPTORS), 4)).toEqual(['0', '1', '2', '3']);
    });

    test('has no signal blocked, none ignored, and umask, limits and rights of the caller', async () => {
      const direct = await calledBy(CALLER, SURROUNDINGS, '');
      const behind = await behindGate(SURROUNDINGS);
      expect(fields(direct, /^Sig(?:Blk|Ign)/)).not.toEqual([NO_SIGNAL, NO_SIGNAL]);
      expect(fields(behind, /^Sig(?:Blk|Ign)/)).toEqual([NO_SIGNAL, NO_SIGNAL]);
      expect(fields(behind, KEPT)).toEqual(fields(direct, KEPT));
      expect(fields(behind, KEPT)).toContainEqual('0027');
    });
  });
});

const NO_SIGNAL = '0000000000000000';
/** Lines of proc(5) status, and all of limits. */
const KEPT = /^(?:Umask|Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp|Max [a-z ]+?)(?=:| {2})/;

function fields(output: string, name: RegExp): readonly string[] {
  const lines = output.split('\n').filter((line) => name.test(line));
  return lines.map((line) => line.replace(name, '').replace(/^:\s*/, ''));
}

function lastLines(output: string, count: number): readonly string[] {
  return output.trimEnd().split('\n').slice(-count);
}
