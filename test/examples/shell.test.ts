import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';
import { exampleFolder, hostProgram, installExample } from './installed-example.ts';

const facility = standingFacility();

function example(name: string, more: Readonly<Record<string, string>> = {}): string {
  const places = { '/usr/bin/gatehouse': GATEHOUSE, '/etc/gatehouse/config.ini': facility.config, ...more };
  return installExample(exampleFolder(), name, places);
}

async function answer(terminal: Terminal, prompt: string, typed: string): Promise<void> {
  await terminal.until(`${prompt}: `);
  terminal.type(`${typed}\r`);
}

describe('a program behind the gate', () => {
  const start = (args: readonly string[] = []) =>
    openTerminal(example('shell/plato', { '/usr/bin/plato': hostProgram(exampleFolder()) }), args);

  it('starts after the log-on, with its own words, and knows who it is', async () => {
    const terminal = start(['--ward', 'three words here']);
    await answer(terminal, 'User name', 'alice');
    await answer(terminal, 'Password', PASSWORD);
    await terminal.until(/PROGRAM as \w+: alice password \[--ward three words here\]/);
    expect(await terminal.ended).toBe(0);
  });

  it('never starts when the person gives up', async () => {
    const terminal = start();
    await terminal.until('User name: ');
    terminal.type('\x03');
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).not.toContain('PROGRAM');
  });

  it('takes no words of the person for its own', async () => {
    const terminal = start(['--config', '/tmp/mine.ini', '--front-end', 'json', '--']);
    await answer(terminal, 'User name', 'alice');
    await answer(terminal, 'Password', PASSWORD);
    await terminal.until('[--config /tmp/mine.ini --front-end json --]');
  });
});

describe('a script that asks once more', () => {
  it('goes on after a grant to the one who is logged on', async () => {
    const terminal = openTerminal(example('shell/confirm'), ['/bin/echo', 'purged'], {
      env: { GATEHOUSE_USER: 'alice' },
    });
    await answer(terminal, 'Password', PASSWORD);
    await terminal.until('purged');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain('User name');
  });

  it('does nothing without a grant, and says so', async () => {
    const marker = join(exampleFolder(), 'purged');
    const terminal = openTerminal(example('shell/confirm'), ['/usr/bin/touch', marker], {
      env: { GATEHOUSE_USER: 'alice' },
    });
    for (const wrong of ['a', 'b', 'c']) await answer(terminal, 'Password', wrong);
    await terminal.until('nothing was done');
    expect(await terminal.ended).toBe(77);
    expect(existsSync(marker)).toBe(false);
  });

  it('does not start outside the gate', async () => {
    const terminal = openTerminal(example('shell/confirm'), ['/bin/echo', 'purged']);
    expect(await terminal.ended).not.toBe(0);
    expect(terminal.shown()).not.toContain('purged');
  });
});
