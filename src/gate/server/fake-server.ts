/** `gatehouse serve --fake`: the fake gate at sockets whose names say so. It reads no configuration and opens no facility. */
import { Fault } from '../../core/errors.ts';
import { inert } from '../../core/visible-text.ts';
import { isFakeSocket } from '../fake-socket.ts';
import { fakeGatekeeper } from './fake-gatekeeper.ts';
import { type Frontage, openFrontage, type Place } from './frontage.ts';

/** Absolute paths. Faults: `usage` where a name does not say fake, those of `openFrontage`. */
export async function startFakeServer(fake: {
  readonly socket: string;
  readonly hostSocket: string | undefined;
  readonly version: string;
}): Promise<Frontage> {
  const { socket, hostSocket, version } = fake;
  process.umask(0o077);
  const places: Place[] = [{ reach: 'everybody', path: socket }];
  if (hostSocket !== undefined) places.push({ reach: 'hosts', path: hostSocket });
  for (const { path = '' } of places) {
    if (isFakeSocket(path)) continue;
    throw new Fault('usage', `The socket of a fake gate has to say so: ${inert(path)} has no "fake" in its name.`, {
      hint: 'gatehouse serve --fake --socket /some/folder/fake.sock',
    });
  }
  return openFrontage(places, { gatekeeper: fakeGatekeeper, version, mark: { fake: true } });
}
