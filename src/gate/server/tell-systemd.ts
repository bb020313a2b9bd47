/**
 * Tells the service manager how the server stands (sd_notify(3)). By systemd's own program: Node has no Unix datagram sockets. Where there is
 * no service manager nothing is told, and where it cannot be told the server goes on.
 */
import { execFile } from 'node:child_process';

export type Standing = 'READY=1' | 'STOPPING=1';

/** Resolves once it is told, to a sentence where it could not be. */
export function tellSystemd(standing: Standing, status: string): Promise<string | undefined> {
  const { NOTIFY_SOCKET } = process.env;
  if (NOTIFY_SOCKET === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const environment = { PATH: '/usr/bin:/bin', NOTIFY_SOCKET };
    execFile('systemd-notify', [standing, `STATUS=${status}`], { env: environment, timeout: 5000 }, (error) => {
      resolve(error ? `systemd-notify failed: ${error.message.split('\n')[0]}` : undefined);
    });
  });
}
