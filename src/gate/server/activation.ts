/**
 * Sockets that systemd made and handed over (sd_listen_fds(3)). Invariant: which socket may do what is said by its name, `gate` or
 * `host`; one that is called otherwise is refused, never guessed.
 */
import { fstatSync } from 'node:fs';
import { Fault } from '../../core/errors.ts';
import { inert } from '../../core/visible-text.ts';
import type { SocketReach } from '../socket-path.ts';

export type HandedOver = { readonly fd: number; readonly reach: SocketReach };

type Environment = Record<string, string | undefined>;

/**
 * What `environment` says was handed to this process, and nothing where it speaks of another one. The variables are taken out of it:
 * they are not for children. Faults: `usage`.
 */
export function handedOverSockets(environment: Environment, pid: number): readonly HandedOver[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return [];
  if (!/^[0-9]{1,2}$/.test(LISTEN_FDS)) throw usage(`LISTEN_FDS=${LISTEN_FDS} is no number of sockets.`);
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => {
    const fd = FIRST_FD + index;
    if (!isSocket(fd)) throw usage(`Descriptor ${fd}, which was handed over, is no socket.`);
    return { fd, reach: reachOf(names[index]) };
  });
}

/** SD_LISTEN_FDS_START. */
const FIRST_FD = 3;

function reachOf(name: string | undefined): SocketReach {
  if (name === 'gate') return 'everybody';
  if (name === 'host') return 'hosts';
  throw usage(`A socket was handed over with the name ${name ?? '(none)'}.`);
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}

function usage(message: string): Fault {
  return new Fault('usage', inert(message), {
    hint: 'In the .socket unit: FileDescriptorName=gate for Socket, FileDescriptorName=host for HostSocket.',
  });
}
