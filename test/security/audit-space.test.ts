/** The disk of the audit trail, nearly full: `doctor` says so while logins still work. On real file systems of that size. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { facilityShell, GATEHOUSE } from '../support/gatehouse-process.ts';

const mountsAreAllowed = spawnSync('unshare', ['--mount', 'true']).status === 0;
const unlessMounts = mountsAreAllowed ? '' : ' (skipped: needs unshare and root)';

async function checkOn(options: string, before = ':') {
  const { folder } = await facilityShell();
  const audit = join(folder, 'data/audit');
  cpSync(audit, join(folder, 'records'), { recursive: true });
  const script = [
    `mount -t tmpfs -o mode=0700,${options} tmpfs ${audit}`,
    `cp -pR ${folder}/records/. ${audit}/`,
    `chmod 700 ${audit} ${audit}/head`,
    `cd ${audit} && ${before}`,
    `cd ${folder} && exec ${GATEHOUSE} doctor --json`,
  ].join(' && ');
  const { stdout, stderr } = spawnSync('unshare', ['--mount', '/bin/sh', '-c', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const checks: readonly { readonly name: string; readonly level: string; readonly text: string }[] =
    JSON.parse(stdout).checks;
  expect(checks).toContainEqual(expect.objectContaining({ name: 'audit-queue', level: 'ok' }));
  return checks.find(({ name }) => name === 'disk');
}

test.skipIf(!mountsAreAllowed).each([
  ['has room', 'size=512m', ':', 'ok', 'MiB of 512 MiB are free'],
  ['is small', 'size=64m', ':', 'warn', 'MiB of 64 MiB are free'],
  ['is large and nearly full', 'size=2g', 'fallocate -l 1900m filler', 'warn', 'MiB of 2048 MiB are free'],
  ['takes few more files', 'size=512m,nr_inodes=60', ':', 'warn', 'more files can be made'],
])(`doctor says of a disk that %s what there is${unlessMounts}`, async (_, options, before, level, text) => {
  expect(await checkOn(options, before)).toMatchObject({ level, text: expect.stringContaining(text) });
});
