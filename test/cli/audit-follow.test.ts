import { describe, expect, it } from 'vitest';
import { facilityShell, GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal } from '../support/pty.ts';

describe('gatehouse audit list --follow', () => {
  it('goes on with what other processes do, until Ctrl-C', async () => {
    const shell = await facilityShell();
    const terminal = openTerminal(GATEHOUSE, ['audit', 'list', '--follow', '--user', 'alice'], { cwd: shell.folder });
    await shell.json(['user', 'add', 'bob', '--no-password']);
    await shell.json(['user', 'add', 'alice', '--no-password']);
    expect(await terminal.until(/user=alice[^\n]*\n/)).toContain('user.added');
    await shell.json(['user', 'disable', 'alice']);
    await terminal.until('user.disabled');
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain('bob');
  });
});
