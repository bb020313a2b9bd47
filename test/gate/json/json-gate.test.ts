import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Begin, Conversation, Done } from '../../../src/core/login/message.ts';
import { LONGEST_LINE_BYTES } from '../../../src/gate/bounded-lines.ts';
import { jsonChannel } from '../../../src/gate/json/json-channel.ts';
import { MOST_BAD_LINES, serveJson } from '../../../src/gate/json/json-gate.ts';
import type { Interruption } from '../../../src/gate/run-conversation.ts';
import { CODE, fakeConversation, GRANTED, PASSWORD, USERNAME } from '../../support/fake-conversation.ts';
import fc from '../../support/properties.ts';

const LOG_ON = [[USERNAME], [PASSWORD], [CODE], [GRANTED]];
const NEVER = new Promise<never>(() => {});

/** All that a host says, at once; what it hears, line by line; the verdict. */
async function talk(
  said: string | Uint8Array,
  options: { conversation?: Conversation; fixed?: Begin; interrupted?: Promise<Interruption>; open?: 'keep' } = {},
): Promise<{ done: Done; heard: Record<string, unknown>[]; begun: Begin[] }> {
  const input = new PassThrough();
  const output = new PassThrough();
  const heard: string[] = [];
  const begun: Begin[] = [];
  output.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  input.write(said);
  if (options.open !== 'keep') input.end();
  const done = await serveJson({
    channel: jsonChannel({ input, output }),
    version: '1.0.0',
    fixed: options.fixed ?? {},
    converse: async (begin) => {
      begun.push(begin);
      return options.conversation ?? fakeConversation(LOG_ON);
    },
    interrupted: options.interrupted ?? NEVER,
    graceMs: 50,
  });
  const lines = heard.join('').trimEnd().split('\n');
  return { done, heard: lines.map((line) => JSON.parse(line)), begun };
}

const line = (message: object) => `${JSON.stringify(message)}\n`;
const BEGIN = line({ type: 'begin', user: 'alice', terminal: 'ward-3', nonce: 'X' });
const answer = (id: number, value: string) => line({ type: 'answer', id, value });
const ANSWERS = `${answer(1, 'alice')}${answer(2, 'secret')}${answer(3, '123456')}`;

describe('the JSON conversation', () => {
  test('goes from hello to done, each message a line, and the nonce comes back', async () => {
    const { done, heard, begun } = await talk(`${BEGIN}${ANSWERS}`);
    expect(heard).toEqual([
      { type: 'hello', protocol: 1, version: '1.0.0' },
      USERNAME,
      PASSWORD,
      CODE,
      { ...GRANTED, nonce: 'X' },
    ]);
    expect(done).toMatchObject({ outcome: 'granted', user: 'alice' });
    expect(begun).toEqual([{ user: 'alice', terminal: 'ward-3', nonce: 'X' }]);
  });

  test('can be cancelled before and after begin', async () => {
    for (const said of [line({ type: 'cancel' }), `${BEGIN}${line({ type: 'cancel' })}`]) {
      const { done, heard } = await talk(said);
      expect(done.outcome).toBe('cancelled');
      expect(heard.at(-1)).toMatchObject({ type: 'done', outcome: 'cancelled' });
    }
  });

  test.each([
    ['before begin', ''],
    ['after begin', BEGIN],
    ['after the name', `${BEGIN}${answer(1, 'alice')}`],
    ['in the middle of a line', `${BEGIN}${answer(1, 'alice')}${answer(2, 'secret')}${answer(3, '123456').trimEnd()}`],
  ])('denies at the end of input %s', async (_, said) => {
    const { done, heard } = await talk(said);
    expect(done).toMatchObject({ outcome: 'denied', reason: 'input-ended' });
    expect(heard.at(-1)).toMatchObject({ type: 'done', outcome: 'denied' });
  });

  test.each([
    ['no JSON', 'begin\n'],
    ['a list', '[]\n'],
    ['null', 'null\n'],
    ['an unknown type', line({ type: 'grant' })],
    ['a type of the prototype', line({ type: 'constructor' })],
    ['an answer without an id', line({ type: 'answer', value: 'x' })],
    ['an answer that is no text', line({ type: 'answer', id: 1, value: 7 })],
    ['an answer with an old id', answer(0, 'x')],
    ['an answer with an id to come', answer(2, 'x')],
    ['a second begin', BEGIN],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
    ['an over-long line', `${'x'.repeat(LONGEST_LINE_BYTES + 1)}\n`],
    ['an empty line', '\n'],
  ])('answers %s with a notice and goes on', async (_, bad) => {
    const { done, heard } = await talk(Buffer.concat([Buffer.from(BEGIN), Buffer.from(bad), Buffer.from(ANSWERS)]));
    expect(heard[2]).toMatchObject({ type: 'notice', level: 'error' });
    expect(done.outcome).toBe('granted');
  });

  test('an answer of exactly the longest line is taken', async () => {
    const value = 'x'.repeat(LONGEST_LINE_BYTES - answer(1, '').length + 1);
    const conversation = fakeConversation(LOG_ON);
    await talk(`${BEGIN}${answer(1, value)}`, { conversation });
    expect(conversation.heard[1]).toBe(`answer 1 ${value}`);
  });

  test('has to begin with begin', async () => {
    const { heard, begun } = await talk(`${answer(1, 'alice')}${BEGIN}`);
    expect(heard[1]).toMatchObject({ type: 'notice' });
    expect(begun).toHaveLength(1);
  });

  test('denies after too many lines that break its rules, before and after begin', async () => {
    const noise = 'noise\n'.repeat(MOST_BAD_LINES + 1);
    for (const said of [noise, `${BEGIN}${noise}`]) {
      const { done } = await talk(`${said}${ANSWERS}`);
      expect(done).toMatchObject({ outcome: 'denied', reason: 'bad-line' });
    }
  });

  test('a host cannot begin for another user, terminal or nonce than the command line has', async () => {
    const fixed = { user: 'alice', nonce: 'X' };
    const { begun, heard } = await talk(
      `${line({ type: 'begin', user: 'root' })}${line({ type: 'begin', nonce: 'Y' })}${line({ type: 'begin', terminal: 't' })}`,
      { fixed },
    );
    expect(heard.slice(1, 3)).toMatchObject([{ type: 'notice' }, { type: 'notice' }]);
    expect(begun).toEqual([{ user: 'alice', nonce: 'X', terminal: 't' }]);
  });

  test('is denied when its time is up, before and after begin', async () => {
    for (const said of ['', BEGIN]) {
      const { done, heard } = await talk(said, { interrupted: Promise.resolve('timed-out'), open: 'keep' });
      expect(done).toMatchObject({ outcome: 'denied', reason: 'timed-out' });
      expect(heard.at(-1)).toMatchObject({ type: 'done', outcome: 'denied' });
    }
  });

  test('a grant that the host could not be told is none', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    output.on('data', (chunk: Buffer) => {
      if (chunk.includes('"code"')) output.destroy();
    });
    input.end(`${BEGIN}${ANSWERS}`);
    const done = await serveJson({
      channel: jsonChannel({ input, output }),
      version: '1.0.0',
      fixed: {},
      converse: async () => fakeConversation(LOG_ON),
      interrupted: NEVER,
      graceMs: 50,
    });
    expect(done.outcome).not.toBe('granted');
  });

  test('a host that does not read is denied in the end', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const done = await serveJson({
      channel: jsonChannel({ input: new PassThrough(), output }),
      version: '1.0.0',
      fixed: {},
      converse: async () => fakeConversation(LOG_ON),
      interrupted: Promise.resolve('timed-out'),
      graceMs: 10,
    });
    expect(done.outcome).toBe('denied');
  });
});

describe('whatever a host sends', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.object({ maxDepth: 1 }));
  const almost = fc
    .record(
      {
        type: fc.constantFrom('begin', 'answer', 'cancel', 'done', 'hello', '__proto__'),
        id: value,
        value,
        user: value,
      },
      { requiredKeys: ['type'] },
    )
    .map((message) => line(message));
  const noise = fc.oneof(
    almost,
    fc.string().map((text) => `${text}\n`),
    fc.constant(BEGIN),
    fc.constant(answer(1, 'x')),
  );

  test('there is one done, at the end, and never a grant without the answers', async () => {
    const figures = { conversations: 0, lines: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { maxLength: 25 }), async (lines) => {
        figures.conversations += 1;
        figures.lines += lines.length;
        // Grants only where a question 9, which is never asked, has been answered.
        const conversation = fakeConversation(Array.from({ length: 9 }, (_, id) => [{ ...PASSWORD, id: id + 1 }]));
        const { done, heard } = await talk(lines.join(''), { conversation });
        expect(done.outcome).not.toBe('granted');
        expect(heard.filter(({ type }) => type === 'done')).toEqual([heard.at(-1)]);
      }),
      { numRuns: 500 },
    );
    console.info(
      `JSON conversation: ${figures.lines} lines in ${figures.conversations} conversations, no grant, no crash`,
    );
  });
});
