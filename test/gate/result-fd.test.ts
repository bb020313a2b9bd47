/**
 * The attack: a host names a descriptor for the result on which nothing would reach it, and believes in the exit status. Such a
 * number is refused before anything is asked, whether it is closed, Node's own, a folder, or for reading only.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { standaloneProgram } from '../support/standalone-program.ts';
import { GATEHOUSE, PASSWORD, standingFacility } from '../support/standing-facility.ts';

const facility = standingFacility();
const standalone = standaloneProgram();

const PROGRAMS = [
  ['the launcher', () => GATEHOUSE],
  ['the single-file program', () => standalone.file],
] as const;

describe.each(PROGRAMS)('%s', (_, program) => {
  /** `redirection` is the shell's; without one every number above 2 is closed. */
  async function login(fd: number, redirection = '', given?: { readonly path: string; readonly at: number }) {
    const words = [program(), '--config', facility.config, 'login', '--result-fd', String(fd)];
    const opened = given === undefined ? undefined : openSync(given.path, 'r');
    const before = Array.from({ length: (given?.at ?? 3) - 3 }, () => 'ignore' as const);
    const child = spawn('/bin/sh', ['-c', `exec "$@" ${redirection}`, 'sh', ...words], {
      env: { LANG: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'pipe', ...before, ...(opened === undefined ? [] : [opened])],
    });
    if (opened !== undefined) closeSync(opened);
    const { stdin, stdout, stderr } = child;
    if (!stdin || !stdout || !stderr) throw new Error('no pipes');
    stdin.on('error', () => {});
    stdin.end(`alice\n${PASSWORD}\n`);
    const status = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [out, said] = await Promise.all([text(stdout), text(stderr)]);
    return { status: await status, out, said };
  }

  // Node has most of these open for itself: epoll, eventfd, pipes, the folder that the check reads.
  test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 30, 255])(
    'refuses %i where it is closed',
    async (fd) => {
      const { status, said } = await login(fd);
      expect({ status, said }).toEqual({ status: 64, said: expect.stringContaining(`--result-fd ${fd} is not open`) });
    },
  );

  test.each([1, 2])('refuses %i where it is closed, though Node puts /dev/null there', async (fd) => {
    const { status, out, said } = await login(fd, `${fd}>&-`);
    expect({ status, out }).toEqual({ status: 64, out: '' });
    expect(said).not.toContain('User name');
  });

  test.each([
    ['a file opened for reading', '/etc/passwd', 3],
    ['a folder', '/', 3],
    ['a file opened for reading, between others', '/etc/passwd', 12],
    ['a folder, behind others', '/', 24],
  ])('refuses %s', async (_what, path, at) => {
    const { status, said } = await login(at, '', { path, at });
    expect({ status, said }).toEqual({ status: 64, said: expect.stringContaining('is not open for writing') });
  });

  test('what it says to do is enough', async () => {
    const { said } = await login(14);
    const [, fd, redirection] = /gatehouse login --result-fd (\d) (\d>)result\.json/.exec(said) ?? [];
    const { status, out } = await login(Number(fd), `${redirection}&1`);
    expect({ status, out }).toEqual({
      status: 0,
      out: '{"outcome":"granted","user":"alice","method":"password"}\n',
    });
  });

  test('takes /dev/null where the host gave it', async () => {
    expect((await login(1, '>/dev/null')).status).toBe(0);
    expect((await login(3, '3>/dev/null')).status).toBe(0);
  });
});
