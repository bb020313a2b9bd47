/** A process of its own that appends to an audit trail: `audit-writer.ts FOLDER NAME COUNT`. Prints each number once it is on disk. */
import { writeSync } from 'node:fs';
import { toFault } from '../../../src/core/errors.ts';
import { createAuditFile } from '../../../src/core/node/audit-file.ts';
import { systemClock } from '../../../src/core/node/system-clock.ts';
import { AUDIT_KEY } from './audit-trail.ts';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);
const audit = createAuditFile({ folder, key: AUDIT_KEY, clock: systemClock });
for (let number = 1; number <= Number(count); number += 1) {
  try {
    await audit.append({ event: 'login.granted', user: name, detail: 'password+totp', count: number });
    writeSync(1, `${number}\n`);
  } catch (thrown) {
    const { code, message } = toFault(thrown);
    writeSync(1, `${code}: ${message}\n`);
  }
}
