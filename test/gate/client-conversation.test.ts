/** A gate whose server lies, stammers or is none: no grant, and always an end. */

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoginOptions } from '../../src/core/login/begin-login.ts';
import { type ClientConversation, clientConversation } from '../../src/gate/client-conversation.ts';
import { ownAccounts } from '../../src/gate/socket-path.ts';
import fc from '../support/properties.ts';
import { socketFolder } from '../support/socket-folder.ts';

const HELLO = { type: 'hello', protocol: 1, version: 'x' };
const ASK = { type: 'ask', id: 1, field: 'password', label: 'Password', secret: true };
const GRANTED = { type: 'done', outcome: 'granted', user: 'alice', method: 'password', paired: false };

/** `reply` is what it writes at the connection and to each line it hears; `nonce` is the one that the gate sent. */
type Reply = (heard: Record<string, unknown> | undefined, nonce: string) => readonly (object | string)[] | 'end';

async function serverAt(path: string, reply: Reply): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let nonce = '';
    let rest = '';
    const say = (heard: Record<string, unknown> | undefined) => {
      const lines = reply(heard, nonce);
      if (lines === 'end') socket.end();
      else for (const line of lines) socket.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
    };
    socket.setEncoding('utf8').on('data', (text: string) => {
      const whole = (rest + text).split('\n');
      rest = whole.pop() ?? '';
      for (const line of whole) {
        const heard: Record<string, unknown> = JSON.parse(line);
        if (heard.type === 'begin') nonce = String(heard.nonce);
        say(heard);
      }
    });
    say(undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
}

async function against(
  reply: Reply,
  options: LoginOptions = { user: 'alice' },
  name = 'gate.sock',
): Promise<ClientConversation> {
  const path = join(socketFolder(), name);
  await serverAt(path, reply);
  return gateAt(path, options);
}

function gateAt(path: string, options: LoginOptions = { user: 'alice' }): ClientConversation {
  const server = { path, reach: 'everybody', writers: ownAccounts() } as const;
  const conversation = clientConversation({ server, options, timeoutSeconds: 10, ended() {} });
  onTestFinished(conversation.close);
  return conversation;
}

/** A server as it should be, with `done` made by the test. */
function honest(done: (nonce: string) => object): Reply {
  return (heard, nonce) => {
    if (heard === undefined) return [HELLO];
    return heard.type === 'begin' ? [ASK] : [done(nonce)];
  };
}

describe('a grant', () => {
  it('counts when it comes back with the nonce of this login; the host gets its own', async () => {
    const gate = await against(
      honest((nonce) => ({ ...GRANTED, nonce })),
      { user: 'alice', nonce: 'host' },
    );
    expect(await gate.start()).toEqual([ASK]);
    expect(await gate.answer(1, 'x')).toEqual([{ ...GRANTED, nonce: 'host' }]);
    expect(await gate.answer(1, 'x')).toEqual([{ ...GRANTED, nonce: 'host' }]);
  });

  it.each([
    ['without a nonce', GRANTED],
    ['with the nonce of another login', { ...GRANTED, nonce: '00' }],
    ['for nobody', { ...GRANTED, user: '' }],
    ['without a method', { ...GRANTED, method: undefined }],
    ['by an unknown method', { ...GRANTED, method: 'trust-me' }],
    ['that is nearly one', { ...GRANTED, outcome: 'Granted' }],
    ['in a list', [GRANTED]],
    ['by its prototype', JSON.parse(`{"__proto__":${JSON.stringify(GRANTED)}}`)],
  ])('%s is none', async (_, done) => {
    const gate = await against(
      honest((nonce) => ('nonce' in done || done === GRANTED || Array.isArray(done) ? done : { ...done, nonce })),
    );
    await gate.start();
    const reply = await gate.answer(1, 'x');
    expect(reply.at(-1)).toMatchObject({ type: 'done', outcome: 'unavailable' });
  });

  it('that comes when the person has gone is none', async () => {
    const gate = await against(honest((nonce) => ({ ...GRANTED, nonce })));
    await gate.start();
    await gate.answer(1, 'x');
    expect(await gate.inputEnded()).toEqual([{ type: 'done', outcome: 'denied', reason: 'input-ended' }]);
  });
});

describe('a server that is none', () => {
  it.each<[string, Reply]>([
    ['speaks another protocol', () => [{ ...HELLO, protocol: 2 }]],
    ['does not say hello', () => [ASK]],
    ['speaks something else', () => ['SSH-2.0-OpenSSH_9.2\r\n']],
    ['sends bytes that are no text', () => ['\u0000\u0000\n']],
    ['never ends its line', () => ['x'.repeat(200_000), '\n']],
    ['hangs up', () => 'end'],
    [
      'hangs up after the question',
      (heard) => (heard === undefined ? [HELLO] : heard.type === 'begin' ? [ASK] : 'end'),
    ],
    ['asks for what nobody knows', (heard) => (heard === undefined ? [HELLO] : [{ ...ASK, field: 'pin' }])],
    [
      'talks and talks',
      (heard) => (heard === undefined ? [HELLO] : Array(5000).fill({ type: 'notice', level: 'info', text: 'la' })),
    ],
    ['is a fake at the place of a real one', () => [{ ...HELLO, fake: true }]],
  ])('because it %s: unavailable', async (_, reply) => {
    const gate = await against(reply);
    let last = (await gate.start()).at(-1);
    if (last?.type === 'ask') last = (await gate.answer(last.id, 'x')).at(-1);
    expect(last).toMatchObject({ type: 'done', outcome: 'unavailable' });
    expect((await gate.answer(1, 'x')).at(-1)).toEqual(last);
  });

  it('says whatever it likes: no grant that is not whole, and an end', async () => {
    let tried = 0;
    const piece = fc.oneof(
      fc.json().map((text) => `${text}\n`),
      fc.string({ unit: 'binary' }).map((text) => `${text}\n`),
      fc.constantFrom<object>(HELLO, ASK, GRANTED, { type: 'notice', level: 'info', text: 'x' }),
      fc.record({
        type: fc.constantFrom('ask', 'done', 'pair'),
        outcome: fc.constantFrom('granted', 'denied'),
        user: fc.string(),
        method: fc.string(),
        paired: fc.anything(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
        const gate = await against((heard) => (heard === undefined ? [HELLO, ...pieces] : 'end'));
        let last = (await gate.start()).at(-1);
        for (let turn = 0; turn < 12 && last?.type === 'ask'; turn += 1)
          last = (await gate.answer(last.id, 'x')).at(-1);
        tried += 1;
        expect(last).toMatchObject({ type: 'done', outcome: expect.not.stringContaining('granted') });
      }),
      { numRuns: 80 },
    );
    console.log(`client: ${tried} servers that say anything, no grant, no crash`);
  });
});

describe('the place of the socket', () => {
  it('is nobody there: try again', async () => {
    expect((await gateAt(join(socketFolder(), 'gate.sock')).start()).at(-1)).toMatchObject({ reason: 'busy' });
    expect((await gateAt(join(socketFolder(), 'run', 'gate.sock')).start()).at(-1)).toMatchObject({ reason: 'busy' });
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    [
      'a link to a server',
      async (path: string) => {
        await serverAt(
          `${path}.real`,
          honest((nonce) => ({ ...GRANTED, nonce })),
        );
        symlinkSync(`${path}.real`, path);
      },
    ],
    [
      'a server in a folder that others may write',
      async (path: string) => {
        await serverAt(
          path,
          honest((nonce) => ({ ...GRANTED, nonce })),
        );
        chmodSync(join(path, '..'), 0o777);
      },
    ],
  ])('is %s: nobody is asked, and no password is sent', async (_, make) => {
    const path = join(socketFolder(), 'gate.sock');
    await make(path);
    expect((await gateAt(path).start()).at(-1)).toMatchObject({ outcome: 'unavailable', reason: 'unavailable' });
  });

  it('leads through a folder that others may write: the same', async () => {
    const open = socketFolder(0o777);
    mkdirSync(join(open, 'run'));
    await serverAt(
      join(open, 'run', 'gate.sock'),
      honest((nonce) => ({ ...GRANTED, nonce })),
    );
    expect((await gateAt(join(open, 'run', 'gate.sock')).start()).at(-1)).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('what goes over', () => {
  it('hides a password whatever the server says of it', async () => {
    const gate = await against((heard) => (heard === undefined ? [HELLO] : [{ ...ASK, secret: false }]));
    expect(await gate.start()).toEqual([ASK]);
  });

  it('is an answer to the open question alone', async () => {
    const heardOf: unknown[] = [];
    const gate = await against((heard) => {
      heardOf.push(heard?.type);
      return heard === undefined ? [HELLO] : [ASK];
    });
    await gate.start();
    expect((await gate.answer(7, 'x')).map(({ type }) => type)).toEqual(['notice', 'ask']);
    expect(heardOf).toEqual([undefined, 'begin']);
  });

  it('is never longer than a line may be', async () => {
    const heardOf: Record<string, unknown>[] = [];
    const gate = await against(
      (heard) => {
        if (heard === undefined) return [HELLO];
        heardOf.push(heard);
        return [ASK];
      },
      { user: 'u'.repeat(5000), terminal: 't'.repeat(5000), nonce: 'n'.repeat(5000) },
    );
    await gate.start();
    await gate.answer(1, '\u0001'.repeat(1_000_000));
    for (const line of heardOf) expect(JSON.stringify(line).length).toBeLessThan(65_536);
    expect(heardOf).toHaveLength(2);
  });
});
