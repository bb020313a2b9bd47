/**
 * Which way a login goes. Invariant: where `[Server] Socket` is set, no login of this process opens the facility: neither when nobody answers, nor for a
 * host that has an unusual wish.
 */
import type { Config } from '../core/config/model.ts';
import { Fault } from '../core/errors.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { VerifyPassword } from './login-world.ts';
import type { SocketReach } from './socket-path.ts';

export type WayIn =
  | { readonly by: 'facility' }
  | { readonly by: 'server'; readonly path: string; readonly reach: SocketReach };

/** Faults: `configuration` where the wish has no way. */
export function wayIn(
  { server }: Config,
  { password = 'asked' }: LoginOptions,
  verifyPassword: VerifyPassword | undefined,
): WayIn {
  if (password === 'checked-by-host' && server.hostSocket !== '') {
    return { by: 'server', path: server.hostSocket, reach: 'hosts' };
  }
  if (server.socket === '') return { by: 'facility' };
  if (password === 'checked-by-host') {
    throw new Fault('configuration', 'A host that checked the password itself needs HostSocket in [Server].');
  }
  if (verifyPassword !== undefined) {
    throw new Fault(
      'configuration',
      'The server cannot ask a host for its passwords: check the password first, then begin at the code over HostSocket.',
    );
  }
  return { by: 'server', path: server.socket, reach: 'everybody' };
}
