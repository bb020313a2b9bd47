import { spawn } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roomInStep } from '../support/authenticator.ts';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { servedFacility } from '../support/served-facility.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';
import { exampleFolder, installExample } from './installed-example.ts';
import { missing, rootAndOtherAccount, tool } from './needs.ts';

const asRoot = process.geteuid?.() === 0;
/** Root has to be able to become the account of the example. */
const noPython = missing(tool('python3'), asRoot && rootAndOtherAccount());

function installed(folder: string, config: string, account = 'nobody'): string {
  return installExample(folder, 'pam/gatehouse-pam', {
    'ACCOUNT = "nobody"': `ACCOUNT = "${account}"`,
    '/usr/bin/python3': '/usr/bin/env -S python3',
    '/usr/bin/gatehouse': GATEHOUSE,
    '/etc/gatehouse/config.ini': config,
  });
}

type Run = { readonly status: number | null; readonly said: string };

function run(
  file: string,
  args: readonly string[],
  { input, environment }: { readonly input: string; readonly environment: Readonly<Record<string, string>> },
): Promise<Run> {
  const child = spawn(file, [...args], { env: { PATH: process.env.PATH, ...environment } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, said })));
}

describe.skipIf(noPython)(`what pam_exec calls ${noPython}`, () => {
  const facility = servedFacility(['carol', 'dave', 'erin'], '[Lockout]\nPasswordFailures=90\nCodeFailures=90\n');

  async function authenticate(user: string, typed: string, more: Readonly<Record<string, string>> = {}): Promise<Run> {
    const environment = { PAM_TYPE: 'auth', PAM_SERVICE: 'plato', PAM_USER: user, PAM_TTY: 'pts/3', ...more };
    return run(installed(exampleFolder(), facility.config), [], { input: typed, environment });
  }

  it('takes password and code in one answer, with and without the space, once', async () => {
    await facility.serve();
    await roomInStep(10);
    const carol = facility.code('carol');
    expect(await authenticate('carol', `${PASSWORD} ${carol}`)).toEqual({ status: 0, said: '' });
    expect(await authenticate('carol', `${PASSWORD} ${carol}`)).toMatchObject({ status: 77 });
    // As older versions of pam_exec write it.
    expect(await authenticate('dave', `${PASSWORD}${facility.code('dave')}\0`)).toMatchObject({ status: 0 });
  });

  it('takes the password alone where two-factor is off, and only there', async () => {
    await facility.serve();
    expect(await authenticate('alice', PASSWORD)).toMatchObject({ status: 0 });
    expect(await authenticate('erin', PASSWORD)).toMatchObject({ status: 77 });
    expect(await authenticate('erin', `${PASSWORD} 00000`)).toMatchObject({ status: 77 });
  });

  it('denies whatever is missing, wrong or meant for another account', async () => {
    await facility.serve();
    const code = facility.code('erin');
    expect(await authenticate('erin', `wrong ${code}`)).toMatchObject({ status: 77 });
    expect(await authenticate('erin', '')).toMatchObject({ status: 77 });
    expect(await authenticate('', `${PASSWORD} ${code}`)).toMatchObject({ status: 77 });
    // The system's account ERIN is not erin, whatever the gate thinks of it.
    expect(await authenticate('ERIN', `${PASSWORD} ${code}`)).toMatchObject({ status: 77 });
    expect(await authenticate('alice', PASSWORD, { PAM_TYPE: 'open_session' })).toMatchObject({ status: 77 });
  });

  it('takes nothing of the environment that PAM hands over', async () => {
    const environment = {
      GATEHOUSE_CONFIG: '/nowhere',
      PYTHONPATH: '/nowhere',
      PYTHONSTARTUP: '/nowhere',
      NODE_OPTIONS: '-x',
    };
    await facility.serve();
    expect(await authenticate('alice', PASSWORD, environment)).toMatchObject({ status: 0 });
  });

  it('denies while nobody answers', async () => {
    expect(await authenticate('alice', PASSWORD)).toMatchObject({ status: 77 });
  });
});

describe.skipIf(noPython)('where a phone has to be paired', () => {
  const facility = standingFacility();

  it('denies: there is nobody here to show the QR code to', async () => {
    const environment = { PAM_TYPE: 'auth', PAM_USER: 'bob' };
    // This facility has no server.
    const script = installed(exampleFolder(), facility.config, 'root');
    expect(await run(script, [], { input: `${PASSWORD} 123456`, environment })).toMatchObject({ status: 77 });
  });
});

/** PAM reads its services from a folder of the test instead of /etc/pam.d. */
const wrapper = globSync('/usr/lib/*/libpam_wrapper.so')[0];
const noPam = missing(tool('python3'), tool('pamtester'), wrapper === undefined && 'libpam-wrapper');

describe.skipIf(noPam)(`a real PAM stack ${noPam}`, () => {
  const facility = servedFacility(['carol', 'dave'], '[Lockout]\nPasswordFailures=90\n');

  it('authenticates by the example’s service file, and by nothing else', async () => {
    await facility.serve();
    const folder = exampleFolder();
    const services = join(folder, 'pam.d');
    mkdirSync(services);
    installExample(services, 'pam/plato', { '/usr/local/libexec/gatehouse-pam': installed(folder, facility.config) });
    const environment = { LD_PRELOAD: wrapper ?? '', PAM_WRAPPER: '1', PAM_WRAPPER_SERVICE_DIR: services };
    const authenticate = (user: string, typed: string) =>
      run('pamtester', ['plato', user, 'authenticate'], { input: `${typed}\n`, environment });

    const carol = facility.code('carol');
    expect(await authenticate('carol', `${PASSWORD} ${carol}`)).toMatchObject({
      status: 0,
      said: expect.stringContaining('successfully authenticated'),
    });
    expect(await authenticate('dave', 'wrong 000000')).toMatchObject({
      status: 1,
      said: expect.stringContaining('Authentication failure'),
    });
    expect(await authenticate('dave', PASSWORD)).toMatchObject({ status: 1 });
    expect(await authenticate('root', 'x')).toMatchObject({ status: 1 });
  });
});
