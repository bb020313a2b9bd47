import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answer, expectCleanTerminal, gateShell, logOn, NEXT_PROGRAM } from '../support/gate-shell.ts';
import type { Terminal } from '../support/pty.ts';
import { GATEHOUSE, PASSWORD, standingFacility } from '../support/standing-facility.ts';

const HARD_PASSWORDS = {
  long: Array.from({ length: 64 }, (_, index) => String.fromCharCode(33 + index)).join(''),
  wide: `${'0123456789'.repeat(8)}tail beyond 72 bytes`,
  'many-scripts': 'päß Ω Ж 中文 日本 한국 عربى क्षि 𝄞 🔑👍🏽 "quoted" \'single\' \\back ~`!',
};

const facility = standingFacility(HARD_PASSWORDS);

const shellAt = gateShell(facility);

/** The process that the shell waits for. */
function childOf(pid: number): number {
  const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(child);
}

describe('a log-on at a terminal', () => {
  test('grants, shows the name and nothing of the password, and leaves a clean terminal', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await logOn(terminal, 'alice', PASSWORD);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
    expect(terminal.shown()).toContain('User name: alice');
    expect(terminal.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  test('becomes the command: the same process, signals as they were, told who was let in', async () => {
    const script = `gate -- sh -c 'echo "parent $PPID $GATEHOUSE_USER $GATEHOUSE_METHOD"; grep SigIgn /proc/self/status; cd /proc/self/fdinfo; cat 0 1 2'`;
    const terminal = shellAt(`${script}; ${NEXT_PROGRAM}`);
    await logOn(terminal, 'alice', PASSWORD);
    await terminal.until(`parent ${terminal.pid} alice password`);
    await terminal.until(/SigIgn:\s+0{16}/);
    // 0o4000: O_NONBLOCK, with which `cat` would fail.
    for (const flags of (await terminal.until('status 0')).matchAll(/flags:\s+([0-7]+)/g)) {
      expect(Number.parseInt(flags[1] ?? '', 8) & 0o4000).toBe(0);
    }
    await expectCleanTerminal(terminal);
  });

  test('denies without a word of why, and the command does not run', async () => {
    const terminal = shellAt(`gate -- touch ran; ${NEXT_PROGRAM}`);
    for (const name of ['alice', 'nobody', 'alice']) {
      await logOn(terminal, name, 'wrong');
      await terminal.until('Login incorrect.');
    }
    await terminal.until('status 77');
    await expectCleanTerminal(terminal);
    expect(readdirSync(facility.folder)).not.toContain('ran');
  });

  test.each(Object.entries(HARD_PASSWORDS))(
    'takes the password of %s exactly, typed or pasted',
    async (name, password) => {
      const terminal = shellAt('gate; echo "first $?"; gate; echo "second $?"');
      await answer(terminal, 'User name', `${name}\r`);
      await terminal.until('Password: ');
      for (const byte of new TextEncoder().encode(`${password}\r`)) terminal.type(Uint8Array.of(byte));
      await terminal.until('first 0');
      await answer(terminal, 'User name', `\x1b[200~${name}\n\x1b[201~`);
      await answer(terminal, 'Password', `\x1b[200~${password}\r\nmore\r\n\x1b[201~`);
      await terminal.until('second 0');
      expect(terminal.shown()).not.toContain('more');
    },
  );

  test('lets a password manager type name and password in one go', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', `alice\r${PASSWORD}\r`);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
  });

  test('erases by character, word and line', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', 'wrong\x15al中é\x7f\bice\r');
    await answer(terminal, 'Password', `correct horse staple\x17battery\r`);
    await terminal.until('status 0');
    expect(terminal.shown()).toContain('User name: wrong');
  });

  test('shows the key of a new pairing, and Ctrl-C there lets nobody in', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await logOn(terminal, 'bob', PASSWORD);
    const shown = await terminal.until('Code: ');
    expect(shown).toMatch(/Key: {5}([A-Z2-7]{4} ){7}[A-Z2-7]{4}/);
    terminal.type('\x03');
    await terminal.until('status 130');
    await expectCleanTerminal(terminal);
  });
});

describe('keys that end a log-on', () => {
  test.each([
    ['Ctrl-C', '\x03', 130],
    ['Ctrl-\\', '\x1c', 130],
    ['Esc', '\x1b', 130],
    ['F3', '\x1bOR', 130],
    ['F12', '\x1b[24~', 130],
    ['F3 of the Linux console', '\x1b[[C', 130],
    ['Ctrl-D', '\x04', 77],
  ])('%s at each prompt', async (_, key, status) => {
    const terminal = shellAt(`gate; echo "first $?"; gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', key);
    await terminal.until(`first ${status}`);
    await answer(terminal, 'User name', 'alice\r');
    await answer(terminal, 'Password', key);
    await terminal.until(`status ${status}`);
    await expectCleanTerminal(terminal);
  });

  test('Ctrl-Z and Ctrl-D behind a letter do nothing', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', '\x1aal\x04ice\r');
    await answer(terminal, 'Password', `\x1a${PASSWORD}\x04\r`);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
  });
});

describe('signals', () => {
  const prompts = {
    'User name': async () => {},
    Password: async (terminal: Terminal) => answer(terminal, 'User name', 'bob\r'),
    Code: async (terminal: Terminal) => logOn(terminal, 'bob', PASSWORD),
  };

  test.each(Object.entries(prompts))(
    'those that end it, at %s: no command, and a clean terminal',
    async (prompt, comeTo) => {
      const signals = { INT: 130, QUIT: 130, TERM: 130, HUP: 77, ALRM: 77, XCPU: 77 } as const;
      const rounds = Object.keys(signals).map((signal) => `gate -- touch ran; echo "${signal} $?"`);
      const terminal = shellAt(`${rounds.join('\n')}\n${NEXT_PROGRAM}`);
      for (const [signal, status] of Object.entries(signals)) {
        await comeTo(terminal);
        await terminal.until(`${prompt}: `);
        process.kill(childOf(terminal.pid), `SIG${signal}`);
        await terminal.until(`${signal} ${status}`);
      }
      await expectCleanTerminal(terminal);
      expect(readdirSync(facility.folder)).not.toContain('ran');
      expect(terminal.shown()).not.toContain('Debugger');
    },
  );

  test.each(Object.entries(prompts))('those that mean nothing to it, at %s: it goes on', async (prompt, comeTo) => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await comeTo(terminal);
    await terminal.until(`${prompt}: `);
    for (const signal of ['TSTP', 'TTIN', 'TTOU', 'USR1', 'USR2', 'PIPE', 'XFSZ', 'WINCH'] as const) {
      process.kill(childOf(terminal.pid), `SIG${signal}` as NodeJS.Signals);
    }
    terminal.type('\x03');
    await terminal.until('status 130');
    await expectCleanTerminal(terminal);
    expect(terminal.shown()).not.toContain('Debugger');
  });

  test('a gate that is killed leaves nothing behind once the next one has begun', async () => {
    const terminal = shellAt(`gate; echo "killed $?"; gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', 'alice\r');
    await terminal.until('Password: ');
    process.kill(childOf(terminal.pid), 'SIGKILL');
    await terminal.until('killed 137');
    await logOn(terminal, 'alice', PASSWORD);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
  });

  test('a gate that was stopped has the terminal to itself again when it goes on', async () => {
    const terminal = shellAt(`gate; ${NEXT_PROGRAM}`);
    await answer(terminal, 'User name', 'alice\r');
    await terminal.until('Password: ');
    const gate = childOf(terminal.pid);
    process.kill(gate, 'SIGSTOP');
    process.kill(gate, 'SIGCONT');
    await answer(terminal, 'Password', `${PASSWORD}\r`);
    await terminal.until('status 0');
    await expectCleanTerminal(terminal);
    expect(terminal.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  test('a hang-up denies', async () => {
    const result = join(facility.folder, 'hang-up');
    writeFileSync(result, '');
    const terminal = shellAt(
      `trap '' HUP; gate -- touch ran 2>/dev/null; echo $? >${result}.new; mv ${result}.new ${result}`,
    );
    await answer(terminal, 'User name', 'alice\r');
    await terminal.until('Password: ');
    terminal.hangUp();
    await expect.poll(() => readFileSync(result, 'utf8'), { timeout: 20_000 }).toBe('77\n');
  });
});

describe('the environment of whoever logs on', () => {
  test('changes nothing of the verdict', async () => {
    const evil = join(facility.folder, 'evil.cjs');
    writeFileSync(evil, 'process.exit(0);');
    for (const env of [
      { NODE_OPTIONS: `--require ${evil}` },
      { NODE_OPTIONS: '--inspect-brk=0' },
      { NODE_PATH: facility.folder, NODE_V8_COVERAGE: facility.folder, NODE_CHANNEL_FD: '0' },
      { LD_PRELOAD: evil, OPENSSL_CONF: evil, NAPI_RS_NATIVE_LIBRARY_PATH: evil },
    ] as Record<string, string>[]) {
      const terminal = shellAt(`gate; ${NEXT_PROGRAM}`, env);
      await answer(terminal, 'User name', '\x03');
      await terminal.until('status 130');
      await expectCleanTerminal(terminal);
    }
  });
});

describe('a Node that is too old', () => {
  test('leaves a clean terminal, which the launcher had made quiet before', async () => {
    const old = join(facility.folder, 'old.cjs');
    writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });");
    const gate = `${process.execPath} --require ${old} ${resolve('dist/gatehouse.cjs')} login`;
    const quiet = 'stty -echo -isig -icanon -icrnl -iexten; export GATEHOUSE_QUIETED=raw';
    const terminal = shellAt(`${quiet}; ${gate}; ${NEXT_PROGRAM}`);
    await terminal.until('needs Node 22.22.2 or newer.');
    await terminal.until('status 69');
    await expectCleanTerminal(terminal);
  });
});

describe('other commands that ask for a password', () => {
  test('leave a clean terminal too, cancelled or ended by a signal', async () => {
    const user = `${GATEHOUSE} --config ${facility.config} user passwd alice`;
    const terminal = shellAt(`${user}; echo "first $?"; ${user}; ${NEXT_PROGRAM}`);
    await terminal.until(/assword[^:]*: /);
    terminal.type('\x03');
    await terminal.until('first 130');
    await terminal.until(/assword[^:]*: /);
    process.kill(childOf(terminal.pid), 'SIGTERM');
    await terminal.until('status 130');
    await expectCleanTerminal(terminal);
  });
});
