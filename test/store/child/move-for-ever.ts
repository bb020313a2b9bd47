/** Moves a facility, says so when the old place is closed, and goes no further. */
import { writeSync } from 'node:fs';
import { openSqlite } from '../../../src/core/store/engines/sqlite.ts';
import { openSqljs } from '../../../src/core/store/engines/sqljs.ts';
import { moveFacility } from '../../../src/core/store/moving/move-facility.ts';

const [path = '', newPath = ''] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const original = await openSqljs({ path, clock, absent: 'refuse' });
const copy = await openSqlite({ path: newPath, clock, absent: 'create' });
setInterval(() => undefined, 60_000);
let closed = false;
await moveFacility({
  ...{ from: 'sqljs', to: 'postgres', former: 'refuse' },
  original,
  // Nothing is written into the copy any more once the old place is closed.
  copy: { ...copy, write: (work) => (closed ? new Promise(() => undefined) : copy.write(work)) },
  onProgress: ({ kind }) => {
    if (kind !== 'checking') return;
    closed = true;
    writeSync(1, 'closed\n');
  },
});
