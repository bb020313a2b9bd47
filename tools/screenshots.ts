/**
 * `npm run screenshots`: the pictures of docs/pictures, taken of the program as it runs in a real pseudoterminal, on the demo's
 * hospital with a clock that stands still. Names on the command line take those alone.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { emulatedPty, type PtyScreen } from '../test/support/emulated-pty.ts';
import { terminalPixels } from '../test/support/terminal-picture.ts';
import { makeDemoFacility } from './demo-facility.ts';
import { DEMO_ADMIN, DEMO_PASSWORD } from './demo-people.ts';
import type { Phones } from './demo-phones.ts';
import { indexedPng } from './indexed-png.ts';
import { STILL_MS, seededBytes } from './screenshots-still.ts';

const LABEL = 'Codectomy St Elsewhere LIVE';
const PICTURES = resolve('docs/pictures');
const STILL = resolve('tools/screenshots-still.ts');
const PROGRAM = resolve('dist/gatehouse.cjs');

type Scene = {
  /** Of the file. */
  readonly name: string;
  readonly program: 'gate' | 'console';
  readonly columns?: number;
  readonly rows?: number;
  /** From the first question to the screen that is wanted; the last thing awaited is on it. */
  readonly play: (screen: PtyScreen, phones: Phones) => Promise<unknown>;
};

const SCENES: readonly Scene[] = [
  { name: 'log-on', program: 'gate', play: (screen) => toCode(screen, 'alice') },
  {
    name: 'pairing',
    program: 'gate',
    async play(screen) {
      await giveName(screen, 'nadia');
      await screen.until(/Pair your phone[\s\S]*Hide QR code/);
    },
  },
  { name: 'overview', program: 'console', play: toOverview },
  {
    name: 'users',
    program: 'console',
    async play(screen, phones) {
      await toUsers(screen, phones);
      screen.type('/emergency\r');
      await screen.until(/10 of 60/);
      screen.type('jj jj j');
      await screen.until(/2 selected/);
    },
  },
  {
    name: 'require',
    program: 'console',
    async play(screen, phones) {
      await toUsers(screen, phones);
      screen.type('R');
      await screen.until(/Rehearse/);
      screen.type('\r');
      await screen.until(/y Yes[\s\S]*y Yes/);
    },
  },
  { name: 'user', program: 'console', play: (screen, phones) => toUser(screen, phones, 'alice') },
  {
    name: 'qr',
    program: 'console',
    async play(screen, phones) {
      await toUser(screen, phones, 'alice');
      screen.type('s');
      await screen.until(/› Password/);
      screen.type(`${DEMO_PASSWORD}\r`);
      await screen.until(/› Code/);
      screen.type(`${phones.code(DEMO_ADMIN, STILL_MS + 30_000)}\r`);
      await screen.until(/▀[\s\S]*Blanked in/);
    },
  },
  {
    name: 'config',
    program: 'console',
    async play(screen, phones) {
      await toScreen(screen, phones, 'Config');
      screen.type('\r');
      await screen.until(/› Mode/);
      screen.type('\x1b[C');
      await screen.until(/The app on the phone will show[\s\S]*Central|Central[\s\S]*The app on the phone will show/);
    },
  },
  {
    name: 'audit',
    program: 'console',
    async play(screen, phones) {
      await toScreen(screen, phones, 'Audit');
      await screen.until(/[1-9]\d* records/);
    },
  },
];

const wanted = process.argv.slice(2);
mkdirSync(PICTURES, { recursive: true });
for (const scene of SCENES) {
  if (wanted.length > 0 && !wanted.includes(scene.name)) continue;
  const png = await pictureOf(scene);
  writeFileSync(join(PICTURES, `${scene.name}.png`), png);
  process.stdout.write(`docs/pictures/${scene.name}.png  ${Math.ceil(png.length / 1024)} KB\n`);
}

/** Each scene has a hospital of its own: what one of them does is not on the picture of the next. */
async function pictureOf({ program, columns = 80, rows = 24, play }: Scene): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const random = { bytes: seededBytes('hospital') };
  const { phones, configFile } = await makeDemoFacility({ folder, now: STILL_MS, label: LABEL, random });
  const args = ['--disable-warning=ExperimentalWarning', '--import', STILL, PROGRAM, '--config', configFile];
  const screen = emulatedPty(process.execPath, program === 'gate' ? [...args, 'login'] : args, {
    columns,
    rows,
    environment: { GATEHOUSE_PICTURE: 'log-on', TZ: 'UTC' },
  });
  try {
    await play(screen, phones);
    return indexedPng(terminalPixels(screen.terminal, { title: program === 'gate' ? 'gatehouse login' : 'gatehouse' }));
  } finally {
    screen.close();
    await screen.exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function giveName(screen: PtyScreen, name: string): Promise<void> {
  await screen.until(/› User name/);
  screen.type(`${name}\r`);
  await screen.until(/› Password/);
  screen.type(`${DEMO_PASSWORD}\r`);
}

async function toCode(screen: PtyScreen, name: string): Promise<void> {
  await giveName(screen, name);
  await screen.until(/› Code/);
}

async function toOverview(screen: PtyScreen, phones: Phones): Promise<void> {
  await toCode(screen, DEMO_ADMIN);
  screen.type(`${phones.code(DEMO_ADMIN, STILL_MS)}\r`);
  await screen.until((shown) => /Log-ons, last 24 hours +\d/.test(shown) && !shown.includes('still reading'));
}

async function toScreen(screen: PtyScreen, phones: Phones, title: string): Promise<void> {
  await toOverview(screen, phones);
  const there = new RegExp(`Gatehouse · ${title}`);
  for (let tabs = 0; tabs < 6 && !there.test(screen.text()); tabs += 1) {
    const before = screen.text();
    screen.type('\t');
    await screen.until((now) => now !== before);
  }
  await screen.until(there);
}

async function toUsers(screen: PtyScreen, phones: Phones): Promise<void> {
  await toScreen(screen, phones, 'Users');
  await screen.until(/60 users[\s\S]*alice/);
}

async function toUser(screen: PtyScreen, phones: Phones, name: string): Promise<void> {
  await toUsers(screen, phones);
  screen.type(`/${name}\r`);
  await screen.until(/1 of 60/);
  screen.type('\r');
  await screen.until(/Recent activity[\s\S]*login/);
}
