/** What `gatehouse doctor` says of the server: whether it answers where config.ini says, and is the one that is meant. Logs nobody on. */
import { toFault } from '../core/errors.ts';
import type { ConfigFile } from '../core/node/config-file.ts';
import type { Check } from '../core/node/doctor.ts';
import { inert } from '../core/visible-text.ts';
import { openLink, type ServerAddress } from './client-link.ts';
import { decodeServerLine, type Hello } from './client-wire.ts';
import { PROTOCOL } from './json/json-gate.ts';

/** One check a socket; none where no server is configured. `version` is that of this program. */
export async function probeServer(
  { config: { server }, writers }: Pick<ConfigFile, 'config' | 'writers'>,
  version: string,
): Promise<readonly Check[]> {
  const places = [
    { name: 'server', reach: 'everybody', path: server.socket, writers },
    { name: 'host socket', reach: 'hosts', path: server.hostSocket, writers },
  ] as const;
  return Promise.all(places.filter(({ path }) => path !== '').map((place) => probe(place, version)));
}

type Place = ServerAddress & { readonly name: string };

async function probe({ name, ...server }: Place, version: string): Promise<Check> {
  try {
    const hello = await helloOf(server);
    return { name, ...judged(hello, inert(server.path), version) };
  } catch (thrown) {
    const { message, hint } = toFault(thrown);
    const text = `${message} ${hint ?? ''}`.trim();
    return { name, level: 'fail', text: server.reach === 'everybody' ? `${text} Nobody can log on without it.` : text };
  }
}

async function helloOf(server: ServerAddress): Promise<Hello | undefined> {
  const link = await openLink(server);
  try {
    const line = decodeServerLine(await link.receive(HELLO_MS));
    return line?.type === 'hello' ? line : undefined;
  } finally {
    link.close();
  }
}

const HELLO_MS = 5000;

function judged(hello: Hello | undefined, path: string, version: string): Pick<Check, 'level' | 'text'> {
  if (hello === undefined || hello.protocol !== PROTOCOL) {
    return { level: 'fail', text: `What answers at ${path} does not speak protocol ${PROTOCOL} of Gatehouse.` };
  }
  if (hello.fake) return { level: 'fail', text: `A FAKE gate answers at ${path}: it protects nothing.` };
  if (hello.version !== version) {
    const text = `The server at ${path} is version ${inert(hello.version)}, this is ${version}. Start it again.`;
    return { level: 'warn', text };
  }
  return { level: 'ok', text: `A server answers at ${path}.` };
}
