/** Hosts that say anything at all to the JSON conversation of a real facility. They know alice's password and a used code, not the right one: nobody gets in. */
import { PassThrough } from 'node:stream';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import { jsonChannel } from '../../src/gate/json/json-channel.ts';
import { serveJson } from '../../src/gate/json/json-gate.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { PASSWORD, torturedFacility } from '../facility.ts';
import { nonsense } from '../fuzz/mutation.ts';
import type { Random } from '../random.ts';
import type { Torment, Victim } from '../torment.ts';

export const jsonHosts: Torment = {
  name: 'json-hosts',
  about:
    'hosts that say right lines, nonsense and bytes to a real facility, with a right password and a used code: one done each, and no grant',
  counted: 'conversations',
  goals: { short: 100, long: 50_000 },
  open: victim,
};

const never = new Promise<never>(() => {});

async function victim(folder: string): Promise<Victim> {
  const tortured = await torturedFacility({ folder, names: ['alice', 'bob'] });
  const { facility, people } = tortured;
  const [alice] = people;
  if (!alice) throw new Error('alice was not made');
  const used = tortured.code(alice);
  const rightFor = [[alice.name, PASSWORD, used]];
  for (const answers of rightFor) await logOn(answers);

  /** The whole conversation of a host; what it heard. */
  async function logOn(said: readonly string[]): Promise<readonly string[]> {
    const lines = said.map((value, index) => JSON.stringify({ type: 'answer', id: index + 1, value }));
    return converse(Buffer.from(['{"type":"begin"}', ...lines, ''].join('\n')));
  }

  async function converse(bytes: Uint8Array): Promise<readonly string[]> {
    const input = new PassThrough();
    const output = new PassThrough();
    const heard: Buffer[] = [];
    output.on('data', (chunk: Buffer) => heard.push(chunk));
    input.end(bytes);
    await serveJson({
      channel: jsonChannel({ input, output }),
      version: '1.0.0',
      fixed: {},
      converse: async (begin) => beginLogin(loginDeps(facility), begin),
      interrupted: never,
      graceMs: 1000,
    });
    return Buffer.concat(heard).toString().trimEnd().split('\n');
  }

  return {
    async round(random) {
      await facility.store.by({}).unlock(alice.id);
      const heard = await converse(anythingSaid(random, used));
      const last = heard.at(-1) ?? '';
      const done: { readonly type?: string; readonly outcome?: string } = JSON.parse(last);
      const dones = heard.filter((line) => line.includes('"type":"done"')).length;
      if (done.type !== 'done' || dones !== 1) throw new Error(`it ends with ${last}, after ${dones} verdicts`);
      if (done.outcome === 'granted' || done.outcome === 'unavailable') throw new Error(`it ends with ${last}`);
      const gotFar = heard.some((line) => line.includes('"field":"code"')) ? { '  asked for the code': 1 } : {};
      return { conversations: 1, [`  ${done.outcome}`]: 1, ...gotFar };
    },
    close: () => facility.close(),
  };
}

/** Right lines for the most part, so that a conversation gets on; nonsense in between. */
function anythingSaid(random: Random, used: string): Uint8Array {
  const parts: Buffer[] = [];
  const begin = { type: 'begin', ...(random.chance(0.3) ? { user: 'alice', nonce: 'n' } : {}) };
  const answers = ['user' in begin ? [] : ['alice'], [PASSWORD], [used]].flat();
  const right = [begin, ...answers.map((value, index) => ({ type: 'answer', id: index + 1, value }))];
  for (const message of right) {
    const line = JSON.stringify(message);
    if (random.chance(0.25)) parts.push(Buffer.from(`${nonsense(random, { examples: [line], words: WORDS })}\n`));
    if (random.chance(0.05)) parts.push(random.bytes(random.below(300)), Buffer.from('\n'));
    if (random.chance(0.01)) parts.push(Buffer.alloc(70_000, 'a'), Buffer.from('\n'));
    if (random.chance(0.9)) parts.push(Buffer.from(`${line}\n`));
  }
  for (let more = random.below(3); more > 0; more -= 1) {
    const value = random.pick([used, '000000', `${used} `, '1', '']);
    parts.push(Buffer.from(`${JSON.stringify({ type: 'answer', id: 1 + random.below(6), value })}\n`));
  }
  return Buffer.concat(parts);
}

const WORDS = [
  '"type"',
  '"begin"',
  '"answer"',
  '"cancel"',
  '"id"',
  '"value"',
  '"user"',
  '"passwordChecked":true',
  '"granted"',
  '{',
  '}',
  ',',
];
