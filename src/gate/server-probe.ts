/**
 * What `gatehouse doctor` says of the server: whether it answers where config.ini says, is the one that is meant, and lets those connect who
 * are to log in there. It begins no login.
 */
import { dirname } from 'node:path';
import { Fault } from '../core/errors.ts';
import type { ConfigFile } from '../core/node/config-file.ts';
import { type Check, faultText } from '../core/node/doctor-check.ts';
import { errnoOf } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';
import { type ClientLink, openLink, type ServerAddress } from './client-link.ts';
import { decodeServerLine, type Hello } from './client-wire.ts';
import { PROTOCOL } from './json/json-gate.ts';
import { accessProblem } from './socket-access.ts';

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
  const { path, reach } = server;
  try {
    const link = await openLink(server);
    try {
      const hello = decodeServerLine(await link.receive(HELLO_MS));
      const found = judged(hello?.type === 'hello' ? hello : undefined, inert(path), version);
      if (found.level === 'fail') return { name, ...found };
      const problem = accessProblem(path, reach) ?? (await fullProblem(link, path));
      return { name, ...(problem ?? found) };
    } finally {
      link.close();
    }
  } catch (thrown) {
    const text = faultText(thrown);
    if (reach === 'everybody') return { name, level: 'fail', text: `${text} No one can log in without it.` };
    // The server may have been handed a socket that its own account cannot reach.
    const closed = thrown instanceof Fault && errnoOf(thrown.cause) === 'EACCES';
    return closed
      ? {
          name,
          level: 'warn',
          text: inert(
            `This account cannot enter ${dirname(path)}, and so cannot tell whether the server answers there. Add it to the group of that folder.`,
          ),
        }
      : { name, level: 'fail', text };
  }
}

/** A server that is full turns those away who come; one that is not says that this conversation, which never began, was cancelled. */
async function fullProblem(link: ClientLink, path: string): Promise<Pick<Check, 'level' | 'text'> | undefined> {
  link.send({ type: 'cancel' });
  let line = decodeServerLine(await link.receive(HELLO_MS));
  if (line?.type === 'notice') line = decodeServerLine(await link.receive(HELLO_MS));
  if (line?.type === 'done' && line.outcome === 'cancelled') return undefined;
  return { level: 'fail', text: inert(`The server at ${path} turns logins away: it has as many as it can take.`) };
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
