/** The units in examples/systemd, as systemd itself reads them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const UNITS = 'examples/systemd';
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The units with a program that is there, since systemd looks for it. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of readdirSync(UNITS)) copyFileSync(join(UNITS, name), join(folder, name));
  const service = join(folder, 'gatehouse.service');
  writeFileSync(service, readFileSync(service, 'utf8').replace('/usr/bin/gatehouse', '/bin/true'));
  return folder;
}

describe('the units', () => {
  it('hand their sockets over by the names that the server knows', () => {
    expect(readFileSync(join(UNITS, 'gatehouse.socket'), 'utf8')).toContain('\nFileDescriptorName=gate\n');
    expect(readFileSync(join(UNITS, 'gatehouse-host.socket'), 'utf8')).toContain('\nFileDescriptorName=host\n');
  });

  it.skipIf(!hasSystemd)('are right, to systemd (needs systemd-analyze)', () => {
    const folder = installed();
    const units = ['gatehouse.service', 'gatehouse.socket', 'gatehouse-host.socket'].map((name) => join(folder, name));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
    expect({ status, complaints: stderr.split('\n').filter((line) => line.includes('gatehouse')) }).toEqual({
      status: 0,
      complaints: [],
    });
  });

  it.skipIf(!hasSystemd)('leave little exposed: under 2 on the scale of systemd to 10 (needs systemd-analyze)', () => {
    const unit = join(installed(), 'gatehouse.service');
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', '--threshold=20', unit],
      { encoding: 'utf8' },
    );
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
