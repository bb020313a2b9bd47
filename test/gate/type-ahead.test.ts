import { describe, expect, test } from 'vitest';
import { answer, expectCleanTerminal, gateShell, logOn, NEXT_PROGRAM } from '../support/gate-shell.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';

const shellAt = gateShell(standingFacility());

describe('what is typed ahead', () => {
  test('before the first prompt is dropped', async () => {
    const terminal = shellAt(`stty -echo; echo READY; read -r go; gate; ${NEXT_PROGRAM}`);
    await terminal.until('READY');
    terminal.type(`go\ralice\r${PASSWORD}\rwhole line\rhalf a line`);
    await logOn(terminal, 'alice', PASSWORD);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
  });

  test('the moment the first prompt is there counts, each key of it', async () => {
    const typed = {
      'alice\r': 'alice',
      'b\x7falice\r': 'b\b \balice',
      'al\x16i\x04ce\n': 'alice',
      '\x04': '',
      '\x03': '',
    };
    const all = [...Object.entries(typed), ...Object.entries(typed), ...Object.entries(typed)];
    const terminal = shellAt(`for round in $(seq ${all.length}); do gate; echo "round $?"; done; ${NEXT_PROGRAM}`);
    for (const [keys, echo] of all) {
      await answer(terminal, 'User name', keys);
      if (echo !== '') {
        await terminal.until(`${echo}\r\nPassword: `);
        terminal.type('\x03');
      }
      await terminal.until(keys === '\x04' ? 'round 77' : 'round 130');
    }
    await expectCleanTerminal(terminal);
    expect(terminal.shown().match(/User name: /g)).toHaveLength(all.length);
  });

  test('behind the last answer never reaches the command', async () => {
    const terminal = shellAt(`gate -- sh -c 'echo NEXT; IFS= read -r line; echo "read [$line]"'`);
    await answer(terminal, 'User name', 'alice\r');
    await answer(terminal, 'Password', `${PASSWORD}\rrm -rf /\recho half`);
    await terminal.until('NEXT');
    terminal.type('marker\r');
    await terminal.until('read [marker]');
  });

  test('while the password is checked never reaches the command', async () => {
    const terminal = shellAt(`gate -- sh -c 'echo NEXT; IFS= read -r line; echo "read [$line]"'`);
    await logOn(terminal, 'alice', PASSWORD);
    for (let line = 0; line < 50; line += 1) terminal.type(`typed ${line}\r`);
    await terminal.until('NEXT');
    terminal.type('\rmarker\r');
    // A key pressed after the command had begun is the command's.
    const read = await terminal.until(/read \[.*\]/);
    expect(read).not.toContain('typed 0]');
  });

  test('between two questions is dropped', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', 'alice\r');
    await answer(terminal, 'Password', 'wrong\rnobody\rnothing\r');
    await terminal.until('Login incorrect.');
    await logOn(terminal, 'alice', PASSWORD);
    await terminal.until('status 0');
  });
});
