import { describe, expect, it } from 'vitest';
import { emptyShell, facilityShell, GATEHOUSE, type Shell } from '../support/gatehouse-process.ts';
import { openTerminal } from '../support/pty.ts';

const CANARY = 'canary tulips 42';

function typeInto({ folder }: Shell, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return openTerminal(GATEHOUSE, args, { cwd: folder, env });
}

describe('passwords typed at a terminal', () => {
  it('are asked for twice, never echoed, and set', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice', '--no-password']);
    const terminal = typeInto(shell, ['user', 'passwd', 'alice']);
    await terminal.until('New password of alice: ');
    terminal.type(`${CANARY}x\u007f\r`);
    await terminal.until('The same again: ');
    terminal.type(`wrong\u0015${CANARY}\r`);
    await terminal.until('is set');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain('canary');
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ mustChangePassword: false });
  });

  it('may be pasted with both lines at once', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice', '--no-password']);
    const terminal = typeInto(shell, ['user', 'passwd', 'alice']);
    await terminal.until('New password of alice: ');
    terminal.type(`${CANARY}\r${CANARY}\r`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain('canary');
  });

  it.each([
    ['that differ', [`${CANARY}\r`, 'another one altogether\r'], 65],
    ['broken off by Ctrl-C', ['canary\u0003'], 130],
    ['broken off by Ctrl-D', ['\u0004'], 130],
    ['not typed at all', ['\r'], 130],
  ])('change nothing when they are %s', async (_, typed, status) => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice']);
    const terminal = typeInto(shell, ['user', 'passwd', 'alice']);
    for (const text of typed) {
      await terminal.until(/: $/);
      terminal.type(text);
    }
    expect(await terminal.ended).toBe(status);
    expect(terminal.shown()).not.toContain('canary');
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ mustChangePassword: true });
  });

  it('are asked for by init, where Enter has one made', async () => {
    const shell = emptyShell();
    const terminal = typeInto(shell, ['init', '--mode', 'off', '--admin', 'root']);
    await terminal.until('(Enter: make one): ');
    terminal.type('\r');
    await terminal.until(/shown this once: ([a-z2-9]{5}-){3}[a-z2-9]{5}/);
    expect(await terminal.ended).toBe(0);
  });

  it('leave the terminal as it was when the process is told to end', async () => {
    const shell = await facilityShell();
    const script = `${GATEHOUSE} user passwd root; stty -a | tr ' ;' '\\n\\n' | grep -x -e echo -e -echo -e icanon -e -icanon; echo end`;
    const terminal = openTerminal('/bin/sh', ['-c', `trap : TERM HUP; ${script}`], { cwd: shell.folder });
    await terminal.until('New password of root: ');
    const { execFileSync } = await import('node:child_process');
    const [child = ''] = execFileSync('ps', ['-o', 'pid=', '--ppid', String(terminal.pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    process.kill(Number(child), 'SIGTERM');
    await terminal.until('end');
    expect(terminal.shown()).toMatch(/\necho\r\n|\nicanon\r\n/);
    expect(terminal.shown()).not.toMatch(/\n-echo|\n-icanon/);
  });
});

describe('consent at a terminal', () => {
  it('is No unless yes is typed out', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice', '--no-password']);
    for (const answer of ['\r', 'y\r', 'no\r', '\u0004', '\u0003']) {
      const terminal = typeInto(shell, ['user', 'remove', 'alice']);
      await terminal.until('[No]: ');
      terminal.type(answer);
      expect(await terminal.ended).toBe(130);
    }
    const terminal = typeInto(shell, ['user', 'remove', 'alice']);
    expect(await terminal.until('[No]: ')).toContain('alice will be removed for good');
    terminal.type('yes\r');
    expect(await terminal.ended).toBe(0);
    expect((await shell.run(['user', 'show', 'alice'])).status).toBe(66);
  });
});

describe('what is typed before a question', () => {
  /** Types `keys` while the shell is busy with something else, and then starts the command. */
  async function typedAhead({ folder }: Shell, command: string, keys: string) {
    const script = `stty -echo; echo READY; read -r go; stty echo; exec ${GATEHOUSE} ${command}`;
    const terminal = openTerminal('/bin/sh', ['-c', script], { cwd: folder });
    await terminal.until('READY');
    terminal.type(`go\r${keys}`);
    return terminal;
  }

  it.each(['yes\r', 'yes', 'yes\ryes\ry'])('%j is no consent', async (keys) => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice', '--no-password']);
    const terminal = await typedAhead(shell, 'user remove alice', keys);
    await terminal.until('[No]: ');
    terminal.type('\r');
    expect(await terminal.ended).toBe(130);
    expect((await shell.run(['user', 'show', 'alice'])).status).toBe(0);
  });

  it('is no password', async () => {
    const shell = await facilityShell();
    const terminal = await typedAhead(shell, 'user passwd root', 'rm -rf /var/old\rrm -rf /var/old\r');
    await terminal.until('New password of root: ');
    terminal.type('\r');
    expect(await terminal.ended).toBe(130);
  });
});

describe('a QR code on the terminal', () => {
  it('is drawn on the alternate screen until a key is pressed, and nothing of it stays', async () => {
    const shell = await facilityShell();
    const terminal = typeInto(shell, ['2fa', 'qr', 'root'], { TERM: 'xterm-256color' });
    const drawn = await terminal.until('Any key ends this');
    expect(drawn).toContain('\u001b[?1049h');
    expect(drawn).toMatch(/([A-Z2-7]{4} ){3}/);
    terminal.type('q');
    const after = await terminal.until('A new secret');
    expect(after).toContain('\u001b[2J\u001b[H\u001b[?1049l');
    expect(after).not.toMatch(/([A-Z2-7]{4} ){3}/);
    expect(await terminal.ended).toBe(0);
  });

  it('is text with the typed key where the terminal can do no more', async () => {
    const shell = await facilityShell();
    const terminal = typeInto(shell, ['2fa', 'qr', 'root'], { TERM: 'dumb', LANG: 'C' });
    expect(await terminal.until(/([A-Z2-7]{4} ){4}/)).not.toContain('\u001b');
    expect(await terminal.ended).toBe(0);
  });

  it('is not put onto a terminal as a picture file', async () => {
    const shell = await facilityShell();
    const terminal = typeInto(shell, ['2fa', 'qr', 'root', '--format', 'png']);
    await terminal.until('--out');
    expect(await terminal.ended).toBe(64);
  });
});

describe('tables on a terminal', () => {
  it('are 7-bit where the locale is not UTF-8', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'zoë', '--display', 'Zoë 日本', '--no-password']);
    const plain = typeInto(shell, ['user', 'list'], { LANG: 'C' });
    expect(await plain.ended).toBe(0);
    expect(plain.shown()).toMatch(/^[\x20-\x7e\r\n]*$/);
    const utf8 = typeInto(shell, ['user', 'list']);
    expect(await utf8.ended).toBe(0);
    expect(utf8.shown()).toContain('Zoë 日本');
  });
});
