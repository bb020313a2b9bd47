/** What hosts that are slow, greedy, broken or hostile can do to a server: nothing to the others, and to themselves no more than a denial. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConnections } from '../../../src/gate/server/connections.ts';
import { fakeGatekeeper } from '../../../src/gate/server/fake-gatekeeper.ts';
import type { Gatekeeper } from '../../../src/gate/server/gatekeeper.ts';
import { listenAtPath } from '../../../src/gate/server/listen.ts';
import type { SocketReach } from '../../../src/gate/socket-path.ts';
import { converse, jsonPeer } from '../../support/json-peer.ts';
import fc from '../../support/properties.ts';
import { socketFolder } from '../../support/socket-folder.ts';

const RIGHT = { username: 'granted', password: 'password', code: '123456' };

/** For machines that are busy; nothing is measured. */
const PATIENTLY = { timeout: 30_000 };

async function serving(rules: { gatekeeper?: Gatekeeper; most?: number; reach?: SocketReach } = {}): Promise<string> {
  const { gatekeeper = fakeGatekeeper, most = 500, reach = 'everybody' } = rules;
  const path = join(socketFolder(reach === 'hosts' ? 0o750 : 0o755), 'fake.sock');
  const connections = createConnections({ reach, gatekeeper, most, version: 'test' });
  const listener = await listenAtPath(path, reach, connections.accept);
  onTestFinished(async () => {
    listener.close();
    await connections.stop(0);
  });
  return path;
}

function impatient(timeoutSeconds: number): Gatekeeper {
  return { ...fakeGatekeeper, timeoutSeconds: () => timeoutSeconds };
}

describe('one who is slow', () => {
  it('holds up nobody: 200 send half a line and no more, and others log on', async () => {
    const path = await serving();
    const slow = await Promise.all(Array.from({ length: 200 }, () => jsonPeer(path)));
    for (const peer of slow) peer.send('{"type":"begin","us');
    const others = await Promise.all(
      Array.from({ length: 32 }, async () => (await converse(await jsonPeer(path), {}, RIGHT)).at(-1)),
    );
    expect(others.filter((done) => done?.outcome === 'granted')).toHaveLength(32);
    for (const peer of slow) peer.destroy();
  });

  it('is told that time is up, wherever it stopped', async () => {
    const path = await serving({ gatekeeper: impatient(0.3) });
    const silent = await jsonPeer(path);
    const half = await jsonPeer(path);
    half.send('{"type":"beg');
    const asked = await jsonPeer(path);
    asked.send({ type: 'begin', user: 'granted' });
    await asked.until('ask');
    for (const peer of [silent, half, asked]) {
      expect((await peer.until('done')).at(-1)).toMatchObject({ outcome: 'denied', reason: 'timed-out' });
      await peer.closed;
    }
  });

  it('is cut off where it does not even read that', async () => {
    const path = await serving({ gatekeeper: impatient(0.3), most: 1 });
    const deaf = await jsonPeer(path);
    deaf.pause();
    // More than the kernel keeps for a reader who sleeps.
    deaf.send('\n'.repeat(4_000_000));
    // Its place is free again only when it is gone; until then everybody else is turned away.
    await expect
      .poll(async () => (await converse(await jsonPeer(path), {}, RIGHT)).at(-1)?.outcome, PATIENTLY)
      .toBe('granted');
  });
});

describe('more than there is room for', () => {
  it('are told to try again, at once; a place that is left is free', async () => {
    const path = await serving({ most: 3 });
    const inside = await Promise.all(Array.from({ length: 3 }, () => jsonPeer(path)));
    for (const peer of inside) await peer.until('hello');
    const outside = await jsonPeer(path);
    expect((await outside.until('done')).at(-1)).toMatchObject({ outcome: 'unavailable', reason: 'busy' });
    // Also when they have begun to talk, and in great number.
    const many = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const peer = await jsonPeer(path);
        peer.send({ type: 'begin', user: 'granted' });
        const said = await peer.until('done');
        await peer.closed;
        return said.at(-1);
      }),
    );
    expect(many.filter((done) => done?.reason === 'busy')).toHaveLength(300);
    inside[0]?.destroy();
    await expect
      .poll(async () => (await converse(await jsonPeer(path), {}, RIGHT)).at(-1)?.outcome, PATIENTLY)
      .toBe('granted');
  });
});

describe('lines that are none', () => {
  it('are answered by a notice, and the conversation goes on', async () => {
    const path = await serving();
    const peer = await jsonPeer(path);
    for (const line of [
      '\n',
      '{}\n',
      'null\n',
      '[]\n',
      '{"type":"grant"}\n',
      '{"type":"answer","id":1,"value":"x"}\n',
    ]) {
      peer.send(line);
      expect((await peer.until('notice')).at(-1)).toMatchObject({ level: 'error' });
    }
    const said = await converse(peer, {}, RIGHT);
    expect(said.at(-1)).toMatchObject({ outcome: 'granted' });
  });

  it('of 8 MB are read away without being kept', async () => {
    const path = await serving();
    const peer = await jsonPeer(path);
    peer.send(`{"type":"begin","user":"${'x'.repeat(8_000_000)}"}\n`);
    expect((await peer.until('notice')).at(-1)?.text).toContain('too long');
    expect((await converse(peer, {}, RIGHT)).at(-1)).toMatchObject({ outcome: 'granted' });
  });

  it('end the conversation when there are too many of them', async () => {
    const path = await serving();
    const peer = await jsonPeer(path);
    peer.send('rubbish\n'.repeat(5000));
    expect((await peer.until('done')).at(-1)).toMatchObject({ outcome: 'denied', reason: 'bad-line' });
    expect((await converse(await jsonPeer(path), {}, RIGHT)).at(-1)).toMatchObject({ outcome: 'granted' });
  });

  it('of any bytes in any order: never a grant, never the end of the server', async () => {
    const path = await serving({ gatekeeper: impatient(5) });
    let sent = 0;
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((text) => `${text}\n`),
      fc.constantFrom('\n', '\0', '{"type":"begin"}\n', '{"type":"begin","user":"granted"}\n', '{"type":"cancel"}\n'),
      fc
        .record({
          type: fc.constantFrom('begin', 'answer', 'done'),
          id: fc.nat(5),
          value: fc.string(),
          outcome: fc.constant('granted'),
        })
        .map((line) => `${JSON.stringify(line)}\n`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const peer = await jsonPeer(path);
        for (const text of pieces) peer.send(text);
        sent += pieces.length;
        peer.end();
        const said = await peer.until('done');
        expect(said.at(-1)?.outcome).not.toBe('granted');
      }),
      { numRuns: 150 },
    );
    expect((await converse(await jsonPeer(path), {}, RIGHT)).at(-1)).toMatchObject({ outcome: 'granted' });
    console.log(`server: ${sent} pieces of anything in 150 connections, no grant, no crash`);
  });
});

describe('one who goes away', () => {
  it('by closing its side is told the verdict', async () => {
    const path = await serving();
    const peer = await jsonPeer(path);
    peer.send({ type: 'begin', user: 'granted' });
    peer.end();
    expect((await peer.until('done')).at(-1)).toMatchObject({ outcome: 'denied', reason: 'input-ended' });
  });

  it('at any moment leaves a place for somebody else', async () => {
    const path = await serving({ most: 1 });
    for (const lines of [
      [],
      ['{"type":"begin"}\n'],
      ['{"type":"begin","user":"granted"}\n', '{"type":"answer","id":1,"value":"password"}\n'],
    ]) {
      await expect
        .poll(async () => {
          const peer = await jsonPeer(path);
          for (const line of lines) peer.send(line);
          const first = await peer.next();
          const second = lines.length > 0 ? await peer.next() : undefined;
          peer.destroy();
          return first?.type === 'hello' && second?.type !== 'notice';
        }, PATIENTLY)
        .toBe(true);
    }
    await expect
      .poll(async () => (await converse(await jsonPeer(path), {}, RIGHT)).at(-1)?.outcome, PATIENTLY)
      .toBe('granted');
  });
});

describe('a host that vouches for the password', () => {
  it('is believed at the socket of hosts alone', async () => {
    const vouching = { user: 'granted', passwordChecked: true };
    const hosts = await converse(await jsonPeer(await serving({ reach: 'hosts' })), vouching, { code: '123456' });
    expect(hosts.at(-1)).toMatchObject({ outcome: 'granted' });
    const everybody = await converse(await jsonPeer(await serving()), vouching, { code: '123456' });
    expect(everybody.at(-1)).toMatchObject({ outcome: 'denied', reason: 'bad-line' });
  });
});
