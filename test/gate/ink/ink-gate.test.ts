/** The form as people have it: a program in a real pty, read off a real emulator's cells. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundledProgram } from '../../support/bundled-program.ts';
import { FAKE_CODES, FAKE_KEY, fakeUri } from '../../support/fake-login.ts';
import type { FormProgramWorld } from '../../support/form-program.ts';
import { openPty, type PtyOptions, type PtyScreen } from '../../support/pty-screen.ts';
import { decodeByAll, readAs } from '../../support/qr-decoders.ts';
import { THEMES, type Theme, terminalPixels } from '../../support/terminal-picture.ts';

const LABEL = 'St Elsewhere LIVE';
/** The hint bar is drawn last: once it speaks of the QR code, that is whole. */
const PICTURE = /ABCD EFGH[\s\S]*F6 Hide QR code/;
let program = '';
beforeAll(async () => {
  program = await bundledProgram('test/support/form-program.ts');
});

function openForm(world: FormProgramWorld = {}, options: PtyOptions = {}): PtyScreen {
  return openPty(process.execPath, [program, JSON.stringify({ label: LABEL, ...world })], options);
}

/** What the program says at its end. */
async function ending(pty: PtyScreen): Promise<{ readonly status: number; readonly outcome: string; heard: string[] }> {
  const status = await pty.exited;
  await pty.until(() => pty.bytes().includes('ENDED'));
  // Bytes that came are not on the screen yet: the emulator takes its time over them.
  await new Promise<void>((drawn) => pty.terminal.write('', drawn));
  const [, json = ''] = /ENDED (.*)\r\n/.exec(pty.bytes()) ?? [];
  const { done, heard } = JSON.parse(json);
  return { status, outcome: done.outcome, heard };
}

function gap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Everything that was on any screen, without the program's last line. */
function drawnBytes(pty: PtyScreen): string {
  return pty.bytes().split('ENDED')[0] ?? '';
}

/** What the shell finds on its screen and in its scrollback. */
function leftOver(pty: PtyScreen): string {
  const buffer = pty.terminal.buffer.normal;
  return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '').join(
    '\n',
  );
}

async function toCode(pty: PtyScreen): Promise<void> {
  await pty.until(/› User name/);
  pty.type('alice\r');
  await pty.until(/› Password/);
  pty.type('hunter2\r');
  await pty.until(/› Code/);
}

describe('a password at full speed', () => {
  // Five pauses, each in a program of its own, so that five first tries come before Ink is there.
  it.each([0, 1, 2, 3, 'one chunk'] as const)('arrives right in 20 of 20 tries, %s ms apart', async (pause) => {
    const pty = openForm({ givenName: 'alice', password: 'another', attempts: 20 });
    await pty.until(/› Password/);
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      if (pause === 'one chunk') pty.type('hunter2\r');
      else {
        for (const key of 'hunter2\r') {
          pty.type(key);
          if (pause > 0) await gap(pause);
        }
      }
      await pty.until(() => pty.bytes().includes(`heard ${attempt}\x07`));
    }
    pty.type('\r');
    const { outcome, heard } = await ending(pty);
    expect(outcome).toBe('denied');
    expect(heard).toEqual(Array(20).fill('hunter2'));
    expect(drawnBytes(pty)).not.toContain('hunter2');
  });

  it('behind a user name, in one go with it, while Ink is not there yet, is kept and not shown', async () => {
    const pty = openForm({ factor: 'none' });
    await pty.until(/User name/);
    pty.type('alice\rhunter2\r');
    expect(await ending(pty)).toEqual({ status: 0, outcome: 'granted', heard: ['alice', 'hunter2'] });
    expect(drawnBytes(pty)).not.toContain('hunter2');
  });

  it('pasted, with marks or without, is one line', async () => {
    const pty = openForm({ factor: 'none' });
    await pty.until(/User name/);
    pty.type('\x1b[200~alice\r\nmore\x1b[201~');
    await pty.until(/› Password/);
    pty.type('\x1b[200~hunter2\x1b[201~\r');
    expect(await ending(pty)).toMatchObject({ outcome: 'granted', heard: ['alice', 'hunter2'] });
  });
});

describe.each([
  { columns: 80, rows: 24 },
  { columns: 140, rows: 40 },
])('a first log-on at $columns x $rows', (size) => {
  it('pairs a phone by what the screen shows, gives recovery codes once, and leaves nothing behind', async () => {
    const pty = openForm({ factor: 'pair' }, size);
    await toCode(pty);
    await pty.until(PICTURE);
    for (const theme of [THEMES.dark, THEMES.light, THEMES.solarized]) {
      expect(await decoded(pty, theme)).toEqual(readAs(fakeUri(LABEL)));
    }
    pty.type('111111\r');
    const wrong = await pty.until(/here\.[\s\S]*F6 Hide QR code/);
    expect(wrong.replace(/\s+/g, ' ')).toMatch(/! That code is not right/);
    expect(await decoded(pty, THEMES.dark)).toEqual(readAs(fakeUri(LABEL)));
    pty.type('123456\r');
    await pty.until(/Your phone is paired[\s\S]*› {2}1 Show recovery codes/);
    expect(pty.text()).not.toContain(FAKE_KEY.slice(0, 9));
    pty.type('1');
    const shown = await pty.until(/I have written them down/);
    for (const code of FAKE_CODES) expect(shown).toContain(code);
    pty.type('\r');
    expect(await ending(pty)).toMatchObject({ status: 0, outcome: 'granted' });
    expect(leftOver(pty)).not.toMatch(/ABCD|▀|Pair your|Recovery/);
    expect(pty.terminal.buffer.active.type).toBe('normal');
  });
});

describe('the QR code', () => {
  it('is blanked after QrSeconds and comes back on F6', async () => {
    const pty = openForm({ factor: 'pair', qrSeconds: 1 });
    await toCode(pty);
    const blanked = await pty.until(/are hidden/);
    expect(blanked).not.toMatch(/▀|ABCD/);
    pty.type('\x1b[17~');
    await pty.until(PICTURE);
    expect(await decoded(pty, THEMES.dark)).toEqual(readAs(fakeUri(LABEL)));
  });

  it('scans on a dark and, after F7, on a light screen without colours, in the same words', async () => {
    const pty = openForm({ factor: 'pair' }, { environment: { NO_COLOR: '1' } });
    await toCode(pty);
    await pty.until(PICTURE);
    expect(await decoded(pty, THEMES.dark)).toEqual(readAs(fakeUri(LABEL)));
    const lastQuietCell = () => pty.terminal.buffer.active.getLine(21)?.getCell(0);
    expect(lastQuietCell()?.isInverse()).not.toBe(0);
    pty.type('\x1b[18~');
    await pty.until(() => lastQuietCell()?.isInverse() === 0);
    expect(await decoded(pty, THEMES.light)).toEqual(readAs(fakeUri(LABEL)));
    pty.type('123456\r');
    await pty.until(/recovery codes/);
    expect(colourParameters(pty.bytes())).toEqual([]);
  });

  it.each(['St E', 'Codectomy St Elsewhere LIVE', 'L'.repeat(64)])('of label %s scans at 100 x 40', async (label) => {
    const pty = openForm({ factor: 'pair', label }, { columns: 100, rows: 40 });
    await toCode(pty);
    await pty.until(PICTURE);
    expect(await decoded(pty, THEMES.light)).toEqual(readAs(fakeUri(label)));
  });

  it('on a terminal without a second screen is wiped before the verdict', async () => {
    const pty = openForm({ factor: 'pair' }, { environment: { TERM: 'vt220' } });
    await toCode(pty);
    await pty.until(PICTURE);
    expect(pty.terminal.buffer.active.type).toBe('normal');
    expect(await decoded(pty, THEMES.dark)).toEqual(readAs(fakeUri(LABEL)));
    pty.type('\x1b');
    expect(await ending(pty)).toMatchObject({ status: 130, outcome: 'cancelled' });
    expect(leftOver(pty)).not.toMatch(/ABCD|▀|Pair your/);
  });
});

describe('keys of every terminal', () => {
  it.each([
    ['xterm', '\x1bOP', '\x1bOR'],
    ['linux', '\x1b[[A', '\x1b[[C'],
    ['vt220', '\x1b[11~', '\x1b[13~'],
    ['rxvt-unicode', '\x1b[11~', '\x1b[13~'],
  ])('%s: F1 helps, F3 cancels', async (TERM, f1, f3) => {
    const pty = openForm({}, { environment: { TERM } });
    await pty.until(/User name/);
    pty.type(f1);
    await pty.until(/This help, and back/);
    pty.type(f1);
    await pty.until((screen) => screen.includes('User name') && !screen.includes('This help'));
    pty.type(f3);
    expect(await ending(pty)).toEqual({ status: 130, outcome: 'cancelled', heard: [] });
  });

  it.each([
    ['Esc', '\x1b'],
    ['F12', '\x1b[24~'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-\\', '\x1c'],
  ])('%s cancels with status 130 and gives the screen back', async (_, keys) => {
    const pty = openForm();
    await pty.until(/User name/);
    pty.type(`al${keys}`);
    expect(await ending(pty)).toEqual({ status: 130, outcome: 'cancelled', heard: [] });
    const bytes = drawnBytes(pty);
    expect(bytes.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(bytes.lastIndexOf('\x1b[?1049h'));
    expect(bytes.lastIndexOf('\x1b[?25h')).toBeGreaterThan(bytes.lastIndexOf('\x1b[?25l'));
    expect(bytes.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(bytes.lastIndexOf('\x1b[?2004h'));
  });

  it('Ctrl-L draws the screen again, with Ink and before it', async () => {
    const pty = openForm();
    await pty.until(/User name/);
    pty.type('al\x0c');
    await pty.until(/User name +al_/);
    await inkIsThere(pty);
    const before = pty.bytes().length;
    pty.type('\x0c');
    await pty.until(() => /User name/.test(pty.bytes().slice(before)));
    await pty.until(/User name +al_/);
  });
});

describe('what else happens', () => {
  it('a wrong password and a wrong code are said plainly, and the last word stays to be read', async () => {
    const pty = openForm({ attempts: 2 });
    await pty.until(/User name/);
    pty.type('alice\rnothing\r');
    await pty.until(/! Login incorrect\./);
    pty.type('alice\rhunter2\r');
    await pty.until(/› Code/);
    pty.type('1\r');
    await pty.until(/! That code is not right/);
    pty.type('2\r');
    await pty.until(/Press Enter/);
    pty.type('\r');
    expect(await ending(pty)).toMatchObject({ status: 77, outcome: 'denied' });
    expect(leftOver(pty)).toMatch(/That code is not right/);
  });

  it('the time runs out: denied, and said on the screen that stays', async () => {
    const pty = openForm({ timeoutSeconds: 1 });
    expect(await ending(pty)).toMatchObject({ status: 77, outcome: 'denied' });
    expect(leftOver(pty)).toMatch(/Time is up/);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s ends it, not with 0, on the screen before', async (signal) => {
    const pty = openForm();
    await inkIsThere(pty);
    process.kill(pty.pid, signal);
    const { status, outcome } = await ending(pty);
    expect(outcome).not.toBe('granted');
    expect(status).not.toBe(0);
    expect(pty.terminal.buffer.active.type).toBe('normal');
  });

  it('the window changes its size, again and again: the screen is always whole', async () => {
    const pty = openForm();
    await inkIsThere(pty);
    pty.type('alice');
    const before = await pty.until(/User name +alice_/);
    for (const [columns, rows] of [
      [140, 40],
      [45, 14],
      [100, 12],
      [30, 8],
      [80, 24],
    ] as const) {
      pty.resize(columns, rows);
      await pty.until((screen) => {
        const lines = screen.split('\n');
        const whole = lines.length === rows && lines.filter((line) => line.includes(LABEL)).length === 1;
        return whole && /User name +alice_/.test(screen) && /Enter|too small/.test(lines[rows - 1] ?? '');
      });
    }
    await pty.until((screen) => screen === before);
  });

  it('stopped and let go on, it draws itself again', async () => {
    const pty = openForm();
    await inkIsThere(pty);
    pty.type('alice');
    await pty.until(/alice_/);
    const before = pty.bytes().length;
    process.kill(pty.pid, 'SIGSTOP');
    process.kill(pty.pid, 'SIGCONT');
    await pty.until(() => /\x1b\[\?1049h[\s\S]*User name/.test(pty.bytes().slice(before)));
    await pty.until(/User name +alice_/);
  });

  it('a window of 20 x 5 says that it is too small, and lets people in', async () => {
    const pty = openForm({}, { columns: 20, rows: 5 });
    await toCode(pty);
    expect(pty.text()).toMatch(/Window too small/);
    pty.type('123456\r');
    expect(await ending(pty)).toMatchObject({ status: 0, outcome: 'granted' });
  });

  it('a terminal that does not say its size is 80 x 24, and no program of the PATH is asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-path-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ['tput', 'resize']) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho asked > ${folder}/asked\necho 50\n`, { mode: 0o755 });
    }
    // Without a controlling terminal, as a getty or an inetd may start it: then nobody else can be asked for the size.
    const line = 'stty cols 0 rows 0; PATH=$1 exec /usr/bin/setsid --wait "$2" "$3" {}';
    const pty = openPty('/bin/sh', ['-c', line, 'sh', folder, process.execPath, program]);
    await inkIsThere(pty);
    pty.type('alice');
    const screen = await pty.until(/alice_/);
    expect(screen.split('\n')).toHaveLength(24);
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('with LANG=C everything sent is 7-bit', async () => {
    const pty = openForm({ factor: 'pair', label: 'Öst LIVE' }, { environment: { LANG: 'C' } });
    await pty.until(/> User name/);
    pty.type('alice\rhunter2\r');
    await pty.until(/ABCD EFGH/);
    expect(pty.text()).toMatch(/<U\+00D6>st LIVE/);
    pty.type('\x1b');
    await ending(pty);
    expect(drawnBytes(pty)).toMatch(/^[\x00-\x7e]*$/);
  });

  it('a label and a name with escapes are drawn inert', async () => {
    const pty = openForm({ label: 'A\x1b[2J\u202eB LIVE', givenName: '\x1b]0;x\x07bob' });
    const screen = await pty.until(/Password/);
    expect(screen).toMatch(/A<U\+001B>\[2J<U\+202E>B LIVE/);
    expect(screen).toMatch(/<U\+001B>\]0;x<U\+0007>bob/);
  });
});

/** Ink's frames, unlike the plain ones before, come as synchronised updates (DECSET 2026). */
async function inkIsThere(pty: PtyScreen): Promise<void> {
  await pty.until(() => pty.bytes().includes('\x1b[?2026h'));
}

function decoded(pty: PtyScreen, theme: Theme) {
  return decodeByAll(terminalPixels(pty.terminal, { theme }));
}

/** SGR parameters that set a colour. */
function colourParameters(bytes: string): readonly string[] {
  return [...bytes.matchAll(/\x1b\[([\d;]*)m/g)]
    .flatMap(([, list = '']) => list.split(';'))
    .filter((parameter) => /^([34]\d|9\d|10\d)$/.test(parameter) && parameter !== '39' && parameter !== '49');
}
