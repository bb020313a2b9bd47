import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ESCAPE_HOLD_MS, type Key } from '../../src/terminal/keys.ts';
import { readKeys } from '../../src/terminal/keys-reader.ts';

function reading() {
  const input = new PassThrough();
  const keys: Key[] = [];
  const told = new EventEmitter();
  let ends = 0;
  const reader = readKeys(input, {
    keys(more) {
      keys.push(...more);
      told.emit('keys');
    },
    ended() {
      ends += 1;
    },
  });
  /** When so many keys have come. */
  async function count(wanted: number): Promise<readonly Key[]> {
    while (keys.length < wanted) await once(told, 'keys');
    return keys;
  }
  return { input, keys, count, reader, ends: () => ends };
}

describe('keys of a stream', () => {
  test('a lone Esc is a key when nothing follows it', async () => {
    const { input, count } = reading();
    input.write('\x1b');
    expect(await count(1)).toEqual([{ kind: 'named', name: 'escape' }]);
  });

  test('a sequence that is split is no Esc, though the process was busy for longer than an Esc waits', async () => {
    const child = spawn('sh', ['-c', "printf '\\033[2'; read -r go; printf '4~'; read -r go"], { stdio: 'pipe' });
    const keys: Key[] = [];
    const told = new EventEmitter();
    readKeys(child.stdout, {
      keys(more) {
        keys.push(...more);
        told.emit('keys');
      },
      ended() {},
    });
    await once(child.stdout, 'data');
    child.stdin.write('go\n');
    // Longer than ESCAPE_HOLD_MS: when this is over, both the timer and the rest of the key are due.
    const until = performance.now() + 300;
    while (performance.now() < until);
    await once(told, 'keys');
    child.stdin.end('go\n');
    expect(keys).toEqual([{ kind: 'named', name: 'f12' }]);
  });

  test('half a character waits for its other half', async () => {
    const { input, keys, count } = reading();
    const [first = 0, second = 0] = new TextEncoder().encode('é');
    input.write(Uint8Array.of(first));
    await new Promise((resolve) => setTimeout(resolve, 3 * ESCAPE_HOLD_MS));
    expect(keys).toEqual([]);
    input.write(Uint8Array.of(second));
    expect(await count(1)).toEqual([{ kind: 'text', text: 'é' }]);
  });

  test('the end is told once, and a stopped reader tells nothing', async () => {
    const { input, ends } = reading();
    const closed = once(input, 'close');
    input.end();
    input.destroy();
    await closed;
    expect(ends()).toBe(1);
    const stopped = reading();
    const closedToo = once(stopped.input, 'close');
    stopped.reader.stop();
    stopped.input.write('a');
    stopped.input.destroy();
    await closedToo;
    expect(stopped.keys).toEqual([]);
    expect(stopped.ends()).toBe(0);
  });
});
