/** What CI makes of the answers of `npm audit --json`, as npm 11 gives them. */
import { expect, it } from 'vitest';
import { auditVerdict } from '../../tools/audit-dependencies.ts';

const report = (counts: object, vulnerabilities: object = {}) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities,
    metadata: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0, ...counts } },
  });

it('passes where nothing is known, or nothing that is high', () => {
  expect(auditVerdict(report({})).exit).toBe(0);
  expect(auditVerdict(report({ moderate: 2 })).exit).toBe(0);
});

it('fails on a high or critical vulnerability, and names the package', () => {
  const pg = { pg: { name: 'pg', severity: 'high' }, ini: { name: 'ini', severity: 'low' } };
  expect(auditVerdict(report({ high: 1, low: 1 }, pg))).toEqual({
    exit: 1,
    text: 'vulnerable: pg (high); run npm audit for more',
  });
  expect(auditVerdict(report({ critical: 1 }, { pg: { name: 'pg', severity: 'critical' } })).exit).toBe(1);
});

it('passes where the registry is out of reach, or has no advisories, and says so', () => {
  const error = { summary: '', detail: '' };
  const refused = { message: 'connect ECONNREFUSED 127.0.0.1:9', error };
  expect(auditVerdict(JSON.stringify(refused))).toEqual({ exit: 0, text: `not audited: ${refused.message}` });
  expect(auditVerdict(JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405, error })).exit).toBe(0);
});

it('does not pass on what it does not understand', () => {
  const noLockFile = JSON.stringify({
    error: { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.' },
  });
  for (const answer of ['', noLockFile, 'Killed', '{}', '[]', '{"metadata":{"vulnerabilities":{}}}']) {
    expect(() => auditVerdict(answer)).toThrow();
  }
});
