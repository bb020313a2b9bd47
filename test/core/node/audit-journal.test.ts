/** What a transaction sees of the journal where the database fails under it. */
import { expect, it } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { createJournal } from '../../../src/core/node/audit-journal.ts';
import type { SqlWriter } from '../../../src/core/store/sql-engine.ts';
import { AUDIT_KEY } from './audit-trail.ts';

const DAMAGED = new Fault('unavailable', 'The database is damaged.');

/** As the file engines fail: at once where nobody waits for the answer. */
function damagedWriter(): SqlWriter {
  const fail = () => {
    throw DAMAGED;
  };
  const reject = async () => fail();
  return {
    now: reject,
    all: reject,
    each: reject,
    hasTable: reject,
    later: fail,
    run: reject,
    runMany: reject,
    define: reject,
    dialect: { lockRows: '', clustered: '', trail: 'files' },
  };
}

it('rejects where a statement fails that nobody waits for, so that what is asked beside it is not left alone', async () => {
  const journal = createJournal({
    key: AUDIT_KEY,
    trail: { kind: 'files', folder: '/nowhere/audit', queueMax: 10 },
    removedSides: new Set(['0123456789abcdef']),
  });
  let appended: Promise<number> | undefined;
  expect(() => {
    appended = journal.append(damagedWriter(), { events: [{ event: 'password.wrong' }], kind: 'failure' });
  }).not.toThrow();
  await expect(appended).rejects.toBe(DAMAGED);
});
