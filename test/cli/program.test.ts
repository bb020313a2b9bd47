import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { emptyShell, facilityShell } from '../support/gatehouse-process.ts';

/** Every command of the tree, with the words that call it. */
function commandsOf(
  command: Command,
  path: readonly string[] = [],
): readonly (readonly [readonly string[], Command])[] {
  return [[path, command], ...command.commands.flatMap((sub) => commandsOf(sub, [...path, sub.name()]))];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

describe('the tree of commands', () => {
  const commands = commandsOf(createProgram());

  it('has every command of SPEC §6', () => {
    const leaves = commands.filter(([, { commands: subs }]) => subs.length === 0).map(([path]) => path.join(' '));
    expect(leaves.toSorted()).toEqual(
      [
        'init',
        ...['add', 'list', 'show', 'set', 'passwd', 'disable', 'enable', 'unlock', 'remove', 'import', 'export'].map(
          (name) => `user ${name}`,
        ),
        ...['status', 'require', 'qr', 'deactivate', 'one-time', 'recovery'].map((name) => `2fa ${name}`),
        ...['get', 'set', 'check', 'list'].map((name) => `config ${name}`),
        ...[
          'audit accept-gap',
          'audit archive',
          'audit list',
          'audit verify',
          'key check',
          'key rotate',
          'backup',
          'restore',
          'doctor',
          'login',
          'serve',
          'store migrate',
          'store upgrade',
          'completion',
        ],
      ].toSorted(),
    );
  });

  it('explains each with an example, in lines of at most 80 columns', () => {
    for (const [path, command] of commands) {
      const help = helpOf(command);
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
      if (command.commands.length === 0) expect(help).toMatch(new RegExp(`Examples:\\n +gatehouse ${path.join(' ')}`));
    }
  });

  it('takes no secret as an argument', () => {
    for (const [, command] of commands) {
      for (const { long, required, optional } of command.options) {
        if (/password|secret|key|code/.test(long ?? '')) expect(required || optional).toBe(false);
      }
    }
  });
});

describe('gatehouse', () => {
  it('tells its version and its commands, from any folder, without a configuration', async () => {
    const { run } = emptyShell();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = await run(['--help']);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('Exit status: 0 done, 64 usage');
    expect((await run(['2fa', 'require', '--help'])).status).toBe(0);
  });

  it.each([[['frobnicate']], [['--frobnicate']], [['2fa']], [['config', 'get']], [['user', 'list', 'extra']]])(
    'answers %j with usage on stderr and nothing on stdout',
    async (args) => {
      const { status, stdout, stderr } = await emptyShell().run(args);
      expect(status).toBe(64);
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    },
  );

  it('shows no stack trace, whatever is broken', async () => {
    const breakages: ((folder: string) => void)[] = [
      (folder) => writeFileSync(join(folder, 'data/gatehouse.db'), ''),
      (folder) =>
        writeFileSync(
          join(folder, 'data/gatehouse.db'),
          readFileSync(join(folder, 'data/gatehouse.db')).subarray(0, 5000),
        ),
      (folder) => writeFileSync(join(folder, 'data/gatehouse.db'), Buffer.alloc(40_000, 0x5a)),
      (folder) => writeFileSync(join(folder, 'data/gatehouse.key'), '{"format":1}'),
      (folder) => writeFileSync(join(folder, 'config.ini'), Buffer.from([0xff, 0x00, 0x0a])),
    ];
    for (const breakIt of breakages) {
      const { folder, run } = await facilityShell();
      breakIt(folder);
      for (const args of [['user', 'list'], ['doctor'], ['2fa', 'require', '--all']]) {
        const { status, stdout, stderr } = await run(args);
        expect([69, 78]).toContain(status);
        expect(stdout + stderr).not.toMatch(/^\s+at |node:internal|\.ts:\d/m);
        expect(stdout + stderr).not.toBe('');
      }
    }
  });

  it('lets no password, secret or code into output that was not asked for it, nor into any file but sealed', async () => {
    const shell = await facilityShell('central');
    const canary = 'canary-hyacinth-77';
    const said: string[] = [];
    const run = async (args: string[], input = '') => {
      const { stdout, stderr } = await shell.run(args, { input });
      said.push(stdout, stderr);
      return stdout;
    };
    await run(['user', 'add', 'alice', '--password-stdin'], `${canary}\n`);
    await run(['user', 'passwd', 'alice', '--password-stdin', '--json'], `${canary}\n`);
    await run(['2fa', 'require', '--all']);
    const secret =
      /secret=(\w+)/.exec(
        await shell.run(['2fa', 'qr', 'alice', '--format', 'uri']).then(({ stdout }) => stdout),
      )?.[1] ?? '?';
    const { code } = (await shell.json(['2fa', 'one-time', 'alice'])) as { code: string };
    await run(['2fa', 'qr', 'alice', '--format', 'pdf', '--out', join('data', 'letter.pdf')]);
    await run(['user', 'export', 'users.csv']);
    await run(['backup', 'copy.db']);
    for (const args of [
      ['user', 'list', '--json'],
      ['user', 'show', 'alice'],
      ['audit', 'list'],
      ['doctor'],
      ['config', 'list'],
    ])
      await run(args);
    const files = readdirSync(shell.folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile() && entry.name !== 'letter.pdf')
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(files.length).toBeGreaterThan(5);
    for (const text of [...said, ...files]) {
      for (const hidden of [canary, secret, code, code.replace('-', '')]) expect(text.includes(hidden)).toBe(false);
    }
  });
});

describe('gatehouse completion', () => {
  it('completes commands and options in bash', async () => {
    const { run, folder } = emptyShell();
    const { stdout } = await run(['completion', 'bash']);
    writeFileSync(join(folder, 'completion'), stdout);
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `source ./completion; COMP_WORDS=(gatehouse "$@"); COMP_CWORD=$#; _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      )
        .trim()
        .split('\n');
    expect(complete('2f')).toEqual(['2fa']);
    expect(complete('2fa', 're')).toEqual(['require', 'recovery']);
    expect(complete('user', 'list', '--st')).toEqual(['--state']);
    expect(complete('--config', 'x.ini', 'audit', 'v')).toEqual(['verify']);
    expect(complete('doctor', '--profile', '')).toEqual(['nist', 'pci', 'hipaa']);
    expect(complete('user', 'list', '--state', 'p')).toEqual(['paired']);
  });

  it('prints scripts for zsh and fish, and knows no other shell', async () => {
    const { run } = emptyShell();
    expect((await run(['completion', 'zsh'])).stdout).toMatch(/^#compdef gatehouse\n/);
    expect((await run(['completion', 'fish'])).stdout).toContain(
      "complete -c gatehouse -n '__fish_use_subcommand' -a 'user'",
    );
    expect((await run(['completion', 'tcsh'])).status).toBe(64);
  });
});
