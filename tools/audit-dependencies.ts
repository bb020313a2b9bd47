/**
 * `npm run audit`: exits 1 where a package that Gatehouse is installed with has a known vulnerability, high or
 * critical. A registry that does not answer, or knows no advisories, says nothing about the packages: that exits 0, and
 * is told.
 */
import { spawnSync } from 'node:child_process';

/** What `npm audit --json` said. Throws where it is neither a report nor the report of an error. */
export function auditVerdict(answer: string): { readonly exit: 0 | 1; readonly text: string } {
  const { metadata, vulnerabilities, error, message } = JSON.parse(answer);
  // The lock file is ours: without one, nothing would ever be audited.
  if (error?.code === 'ENOLOCK') throw new Error(`npm audit: ${error.summary}`);
  if (error !== undefined)
    return { exit: 0, text: `not audited: ${message ?? error.summary ?? 'the registry gave no answer'}` };
  const { high, critical } = metadata.vulnerabilities;
  if (!Number.isInteger(high) || !Number.isInteger(critical)) throw new Error('npm audit counted no vulnerabilities');
  if (high + critical === 0) return { exit: 0, text: 'no vulnerability, high or critical, is known' };
  const names = Object.values<{ name: string; severity: string }>(vulnerabilities)
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity }) => `${name} (${severity})`);
  return { exit: 1, text: `vulnerable: ${names.join(', ')}; run npm audit for more` };
}

if (import.meta.main) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=60000'], {
    encoding: 'utf8',
  });
  const { exit, text } = auditVerdict(stdout);
  process.stdout.write(`npm audit: ${text}\n`);
  process.exitCode = exit;
}
