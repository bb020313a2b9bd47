/** Every socket of a server, each with connections and a bound of its own: whoever fills one keeps nobody from the other. */
import { ownAccounts, refuseUnsafeSocketFolder, type SocketReach } from '../socket-path.ts';
import { type ConnectionRules, type Connections, createConnections } from './connections.ts';
import { type Listener, listenAtDescriptor, listenAtPath } from './listen.ts';

export type Place =
  | { readonly reach: SocketReach; readonly path: string }
  /** A socket that was handed over; `path` is where config.ini has it, if it does. */
  | { readonly reach: SocketReach; readonly fd: number; readonly path?: string };

export type Frontage = {
  readonly names: readonly string[];
  close(graceMs: number): Promise<void>;
};

/** Connections at a time. 1,000 that wait take some 20 MB. */
export const MOST_CONNECTIONS: Readonly<Record<SocketReach, number>> = { everybody: 1000, hosts: 250 };

/** All of them listen when it resolves, or none. Faults: those of `listen`. */
export async function openFrontage(
  places: readonly Place[],
  shared: Pick<ConnectionRules, 'gatekeeper' | 'version' | 'mark'>,
): Promise<Frontage> {
  const open: { readonly listener: Listener; readonly connections: Connections }[] = [];
  try {
    for (const place of places) {
      const { reach } = place;
      const connections = createConnections({ ...shared, reach, most: MOST_CONNECTIONS[reach] });
      open.push({ listener: await listen(place, connections), connections });
    }
  } catch (thrown) {
    for (const { listener } of open) listener.close();
    throw thrown;
  }
  return {
    names: places.map(nameOf),
    async close(graceMs) {
      for (const { listener } of open) listener.close();
      await Promise.all(open.map(({ connections }) => connections.stop(graceMs)));
    },
  };
}

async function listen(place: Place, { accept }: Connections): Promise<Listener> {
  if (!('fd' in place)) return listenAtPath(place.path, place.reach, accept);
  if (place.path !== undefined) refuseUnsafeSocketFolder(place.path, place.reach, ownAccounts());
  return listenAtDescriptor(place.fd, accept);
}

function nameOf(place: Place): string {
  const path = place.path ?? `descriptor ${'fd' in place ? place.fd : ''}`;
  return place.reach === 'hosts' ? `${path} (hosts)` : path;
}
