import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { servedFacility } from '../support/served-facility.ts';
import { PASSWORD } from '../support/standing-facility.ts';
import { exampleFolder, hostProgram, installExample } from './installed-example.ts';
import { missing, tool } from './needs.ts';
import { type Sshd, startSshd } from './sshd.ts';

const lacking = missing(tool('sshd') && 'sshd (openssh-server)', tool('ssh') && 'ssh (openssh-client)');

type Run = { readonly status: number; readonly stdout: string; readonly stderr: string };

function run(file: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...environment }, timeout: 30_000 };
    const child = execFile(file, [...args], options, (failed, stdout, stderr) =>
      resolve({ status: failed === null ? 0 : Number(failed.code ?? -1), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

describe.skipIf(lacking)(`an sshd with ForceCommand ${lacking}`, () => {
  const facility = servedFacility(['carol'], '[Lockout]\nPasswordFailures=90\n');

  async function start(): Promise<Sshd & { terminal(words?: readonly string[], env?: object): Terminal }> {
    await facility.serve();
    const folder = exampleFolder();
    const gate = installExample(join(folder, 'libexec'), 'sshd/plato-gate', {
      '/usr/bin/gatehouse': GATEHOUSE,
      '/etc/gatehouse/config.ini': facility.config,
      '/usr/bin/plato': hostProgram(folder),
    });
    const sshd = await startSshd(folder, gate);
    return {
      ...sshd,
      terminal(words = [], env = {}) {
        const send = Object.keys(env).flatMap((name) => ['-o', `SendEnv=${name}`]);
        const call = ['-t', ...sshd.options, ...send, '-p', String(sshd.port), sshd.destination, ...words];
        return openTerminal('ssh', call, { env: { TERM: 'dumb', ...env } });
      },
    };
  }

  async function logOn(terminal: Terminal): Promise<void> {
    for (const [prompt, typed] of [
      ['User name', 'alice'],
      ['Password', PASSWORD],
    ]) {
      await terminal.until(`${prompt}: `);
      terminal.type(`${typed}\r`);
    }
  }

  it('asks for name, password and code, and becomes the program', async () => {
    const { terminal } = await start();
    const ssh = terminal();
    await ssh.until('User name: ');
    ssh.type('carol\r');
    await ssh.until('Password: ');
    ssh.type(`${PASSWORD}\r`);
    await ssh.until('Code: ');
    ssh.type(`${facility.code('carol')}\r`);
    await ssh.until('[show/skip]: ');
    ssh.type('skip\r');
    await ssh.until(/PROGRAM as \w+: carol password\+totp \[\]/);
    expect(await ssh.ended).toBe(0);
    expect(ssh.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  it('takes nothing of the client’s environment but what its terminal is', async () => {
    const { terminal } = await start();
    const own = join(exampleFolder(), 'config.ini');
    writeFileSync(own, '2FA=Off\n');
    const ssh = terminal([], {
      GATEHOUSE_CONFIG: own,
      GATEHOUSE_USER: 'root',
      NODE_OPTIONS: '--require=/nowhere.js',
      BASH_ENV: '/nowhere.sh',
      PATH: '/nowhere:/usr/bin:/bin',
      LD_LIBRARY_PATH: '/nowhere',
      TERM: 'vt220',
    });
    await logOn(ssh);
    const environment = await ssh.until('END');
    expect(environment).not.toMatch(/nowhere|GATEHOUSE_CONFIG|root password/);
    expect(environment).toContain('GATEHOUSE_USER=alice');
    expect(environment).toContain('TERM=vt220');
  });

  it('leads nowhere by Ctrl-C, Ctrl-Z, Ctrl-\\ and the end of the input', async () => {
    const { terminal } = await start();
    for (const key of ['\x03', '\x1a\x1c\x03', '\x04']) {
      const ssh = terminal();
      await ssh.until('User name: ');
      ssh.type(key);
      expect(await ssh.ended).not.toBe(0);
      expect(ssh.shown()).not.toContain('PROGRAM');
    }
  });

  it('passes the one word that it allows, after the log-on', async () => {
    const { terminal } = await start();
    const ssh = terminal(['report']);
    await logOn(ssh);
    await ssh.until('alice password [--report]');
  });

  it('refuses every other command, sftp and scp, with and without a terminal', async () => {
    const { options, port, destination, terminal } = await start();
    const folder = exampleFolder();
    const marker = join(folder, 'marker');
    for (const words of [
      `touch ${marker}`,
      `report; touch ${marker}`,
      `report\ntouch ${marker}`,
      `$(touch ${marker})`,
      '-c sh',
    ]) {
      const answer = await run('ssh', [...options, '-p', String(port), destination, '--', words]);
      expect(answer).toMatchObject({ status: 77, stderr: expect.stringContaining('are refused') });
    }
    const ssh = terminal([`touch ${marker}`]);
    await ssh.until('are refused');
    expect(await ssh.ended).toBe(77);

    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    const copy = [...options, '-P', String(port)];
    expect((await run('sftp', [...copy, destination])).status).not.toBe(0);
    expect((await run('scp', [...copy, file, `${destination}:${marker}`])).status).not.toBe(0);
    expect((await run('scp', ['-O', ...copy, file, `${destination}:${marker}`])).status).not.toBe(0);
    expect(existsSync(marker)).toBe(false);
  });

  it('does not ask where the password would be shown: without a terminal', async () => {
    const { options, port, destination } = await start();
    const answer = await run('ssh', ['-T', ...options, '-p', String(port), destination]);
    expect(answer).toMatchObject({ status: 77, stderr: expect.stringContaining('needs a terminal') });
  });

  it('lets no tunnel past the program', async () => {
    const { options, port, destination } = await start();
    const call = [...options, '-p', String(port), '-o', 'ExitOnForwardFailure=yes'];
    const through = await run('ssh', [...call, '-W', `127.0.0.1:${port}`, destination]);
    expect(through).toMatchObject({ stdout: '', stderr: expect.stringContaining('forwarding failed') });
    const back = await run('ssh', [...call, '-N', '-R', '0:127.0.0.1:1', destination]);
    expect(back).toMatchObject({ stderr: expect.stringContaining('remote port forwarding failed') });
    expect(back.status).not.toBe(0);
  });
});
