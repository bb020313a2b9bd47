import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal } from '../support/pty.ts';
import { servedFacility } from '../support/served-facility.ts';
import { PASSWORD } from '../support/standing-facility.ts';
import { exampleFolder, hostProgram, installExample } from './installed-example.ts';
import { missing, OTHER_ACCOUNT, rootAndOtherAccount, tool, toolPath } from './needs.ts';
import { telnetClient } from './telnet-client.ts';

const facility = servedFacility(['carol', 'dave'], '[Lockout]\nPasswordFailures=90\n');

/** Key and database are root's; gate and program run as another account. */
function loginProgram(): string {
  const folder = exampleFolder();
  return installExample(join(folder, 'libexec'), 'terminals/plato-login', {
    '/usr/bin/gatehouse': GATEHOUSE,
    '/etc/gatehouse/config.ini': facility.config,
    '/usr/bin/plato': hostProgram(folder),
    'account=plato': `account=${OTHER_ACCOUNT}`,
  });
}

type Line = { until(text: string | RegExp): Promise<string>; type(text: string): void };

async function logOn(line: Line, answers: readonly (readonly [prompt: string, typed: string])[]): Promise<void> {
  for (const [prompt, typed] of answers) {
    await line.until(`${prompt}: `);
    line.type(`${typed}\r`);
  }
}

const ALICE = [
  ['User name', 'alice'],
  ['Password', PASSWORD],
] as const;

const noAgetty = missing(rootAndOtherAccount(), tool('agetty'));

describe.skipIf(noAgetty)(`a terminal of agetty ${noAgetty}`, () => {
  const getty = () => {
    const call = ['--skip-login', '--noissue', '--login-program', loginProgram(), '9600', '-', 'vt220'];
    return openTerminal(toolPath('agetty') ?? '', call, { env: { LANG: undefined } });
  };

  it('asks for name, password and code, and runs the program as its account', async () => {
    await facility.serve();
    const terminal = getty();
    await logOn(terminal, [
      ['User name', 'carol'],
      ['Password', PASSWORD],
      ['Code', facility.code('carol')],
      ['[show/skip]', 'skip'],
    ]);
    await terminal.until(`PROGRAM as ${OTHER_ACCOUNT}: carol password+totp []`);
    expect(await terminal.until('END')).toContain('TERM=vt220');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  it('leads nowhere by keys, a break or a hang-up', async () => {
    await facility.serve();
    for (const keys of ['\x03', '\x1a\x1c\x03', '\x04']) {
      const terminal = getty();
      await terminal.until('User name: ');
      terminal.type(keys);
      expect(await terminal.ended).not.toBe(0);
      expect(terminal.shown()).not.toMatch(/PROGRAM|[#$] $/);
    }
    const gone = getty();
    await gone.until('User name: ');
    gone.hangUp();
    expect(await gone.ended).not.toBe(0);
  });

  it('lets nobody in while no server answers', async () => {
    const terminal = getty();
    await logOn(terminal, ALICE);
    await terminal.until('Nobody can log on');
    expect(await terminal.ended).toBe(75);
  });
});

const telnetd = toolPath('telnetd');
const noTelnet = missing(rootAndOtherAccount(), telnetd === undefined && 'telnetd (inetutils-telnetd)');

/** Port of a listener that gives each connection to a telnetd, as telnet.socket does. */
async function listen(login: string): Promise<number> {
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    const daemon = spawn(telnetd ?? '', [`--exec-login=${login}`], {
      stdio: [connection, connection, 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
    });
    onTestFinished(() => void daemon.kill());
    daemon.on('exit', () => connection.destroy());
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.skipIf(noTelnet)(`a green screen by telnet ${noTelnet}`, () => {
  it('asks for name, password and code, and runs the program as its account', async () => {
    await facility.serve();
    const screen = telnetClient(await listen(loginProgram()), { terminal: 'VT220' });
    await logOn(screen, [
      ['User name', 'dave'],
      ['Password', PASSWORD],
      ['Code', facility.code('dave')],
      ['[show/skip]', 'skip'],
    ]);
    await screen.until(`PROGRAM as ${OTHER_ACCOUNT}: dave password+totp []`);
    expect(await screen.until('END')).toMatch(/TERM=vt220/i);
    await screen.closed;
    expect(screen.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  // CVE-2026-24061: telnetd handed USER="-f root" to /bin/login as words of its own.
  it('takes no name, option or environment from the client', async () => {
    await facility.serve();
    const own = join(exampleFolder(), 'config.ini');
    writeFileSync(own, '2FA=Off\n');
    const screen = telnetClient(await listen(loginProgram()), {
      terminal: 'xterm;id',
      environment: {
        USER: '-f root',
        GATEHOUSE_CONFIG: own,
        NODE_OPTIONS: '--nowhere',
        PATH: '/nowhere',
        BASH_ENV: '/nowhere',
      },
    });
    await logOn(screen, ALICE);
    await screen.until(`PROGRAM as ${OTHER_ACCOUNT}: alice password []`);
    const environment = await screen.until('END');
    expect(environment).toContain('TERM=dumb');
    expect(environment).not.toMatch(/nowhere|GATEHOUSE_CONFIG|-f root/);
  });

  it('leads nowhere by an interrupt', async () => {
    await facility.serve();
    const screen = telnetClient(await listen(loginProgram()), { terminal: 'vt100' });
    await screen.until('User name: ');
    screen.type('\x03');
    await screen.closed;
    expect(screen.shown()).not.toMatch(/PROGRAM|[#$] $/);
  });
});
