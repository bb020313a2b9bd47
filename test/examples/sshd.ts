/** A real sshd on the loopback, with keys and a port of its own; whoever has its key logs on to this account. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { installExample } from './installed-example.ts';

export type Sshd = {
  readonly port: number;
  /** Words of the call for ssh, sftp or scp, without the destination. */
  readonly options: readonly string[];
  readonly destination: string;
};

/** With the example's configuration in it, for this account instead of the group, and every wish of the client's environment granted. */
export async function startSshd(folder: string, gate: string): Promise<Sshd> {
  const { username } = userInfo();
  const port = await freePort();
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')));
  const drop = installExample(folder, 'sshd/gatehouse.conf', {
    'Match Group plato': `Match User ${username}`,
    '/usr/local/libexec/plato-gate': gate,
    '/etc/ssh/plato-keys/%u': join(folder, 'authorized'),
  });
  const config = join(folder, 'sshd_config');
  writeFileSync(config, `${usual(folder, port)}${readFileSync(drop, 'utf8')}`);
  // Where its unprivileged half goes; the service makes it when it starts.
  if (process.geteuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  await listening(spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] }));
  const settings = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes', 'LogLevel=ERROR'];
  return {
    port,
    options: ['-F', 'none', '-i', join(folder, 'user'), ...settings.flatMap((setting) => ['-o', setting])],
    destination: `${username}@127.0.0.1`,
  };
}

const usual = (folder: string, port: number): string => `
ListenAddress 127.0.0.1
Port ${port}
HostKey ${join(folder, 'host')}
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
# The test's folders are under /tmp, which everybody may write.
StrictModes no
Subsystem sftp /usr/lib/openssh/sftp-server
AcceptEnv *
`;

function listening(sshd: ChildProcess): Promise<void> {
  onTestFinished(() => void sshd.kill());
  return new Promise((resolve, reject) => {
    let log = '';
    sshd.stderr?.on('data', (chunk: Buffer) => {
      log += chunk;
      if (log.includes('Server listening')) resolve();
    });
    sshd.on('error', reject);
    sshd.on('exit', () => reject(new Error(`sshd ended: ${log}`)));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
