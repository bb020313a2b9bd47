import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/core/config/model.ts';
import { parseConfig } from '../../src/core/config/parse.ts';
import { openDoor } from '../../src/gate/door.ts';
import { wayIn } from '../../src/gate/way-in.ts';

function configWith(server: string): Config {
  const parsed = parseConfig({
    text: `2FA=Auto:Ward\n[Server]\n${server}`,
    file: 'config.ini',
    folder: '/nonexistent',
  });
  if (parsed.kind === 'problems') throw new Error('not right');
  return parsed.config;
}

const NONE = configWith('');
const BOTH = configWith('Socket=/run/g/gate.sock\nHostSocket=/run/h/host.sock\n');
const SOCKET = configWith('Socket=/run/g/gate.sock\n');
const HOSTS = configWith('HostSocket=/run/h/host.sock\n');
const VOUCHED = { user: 'a', password: 'checked-by-host' } as const;
const verify = async () => true;

describe('the way of a login', () => {
  it('is the facility where no socket is set', () => {
    expect(wayIn(NONE, {}, undefined)).toEqual({ by: 'facility' });
    expect(wayIn(NONE, VOUCHED, undefined)).toEqual({ by: 'facility' });
    expect(wayIn(NONE, {}, verify)).toEqual({ by: 'facility' });
    expect(wayIn(HOSTS, {}, undefined)).toEqual({ by: 'facility' });
  });

  it('is the server where one is set, by the socket that fits', () => {
    expect(wayIn(BOTH, {}, undefined)).toEqual({ by: 'server', path: '/run/g/gate.sock', reach: 'everybody' });
    expect(wayIn(BOTH, VOUCHED, undefined)).toEqual({ by: 'server', path: '/run/h/host.sock', reach: 'hosts' });
    expect(wayIn(HOSTS, VOUCHED, undefined)).toEqual({ by: 'server', path: '/run/h/host.sock', reach: 'hosts' });
  });

  it('is none, rather than the facility, for wishes that the server cannot fulfil', async () => {
    expect(() => wayIn(SOCKET, VOUCHED, undefined)).toThrow(/HostSocket/);
    expect(() => wayIn(BOTH, {}, verify)).toThrow(/HostSocket/);
    const conversation = await openDoor(BOTH, { verifyPassword: verify }).open({ user: 'a' });
    expect((await conversation.start()).at(-1)).toMatchObject({ outcome: 'unavailable', reason: 'configuration' });
  });
});
