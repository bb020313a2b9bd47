/** What both SQLites throw, as a Fault that says what to do. */
import { expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { busyFault, isBusy, sqliteFault } from '../../src/core/store/engines/sqlite-fault.ts';

const coded = (errcode: unknown, message = 'not an error') => Object.assign(new Error(message), { errcode });

it.each([
  [3, 'EACCES'],
  [8, 'EACCES'],
  [10, 'EIO'],
  [13, 'ENOSPC'],
  [14, 'EACCES'],
  [10 | (11 << 8), 'EIO'],
])('takes result code %i for %s', (errcode, errno) => {
  const fault = sqliteFault(coded(errcode));
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({
    message: expect.stringContaining('The database could not be used'),
    cause: { code: errno },
  });
});

it('keeps what was thrown as the cause, and a Fault as it is', () => {
  const full = coded(13);
  const fault = sqliteFault(full);
  expect(fault).toMatchObject({ cause: { code: 'ENOSPC', cause: full } });
  expect(sqliteFault(fault)).toBe(fault);
});

it('knows from the result code alone that another process has the database', () => {
  for (const busy of [5, 15, 5 | (1 << 8)]) {
    expect(isBusy(coded(busy))).toBe(true);
    expect(sqliteFault(coded(busy))).toMatchObject({ code: 'busy' });
  }
  for (const other of [coded(6), coded('5'), new Error('database is locked'), { errcode: 5 }, 5, undefined]) {
    expect(isBusy(other)).toBe(false);
  }
  expect(busyFault(5)).toMatchObject({ code: 'busy', cause: 5 });
});

it.each([
  'database disk image is malformed',
  'file is not a database',
  'disk I/O error',
  'database or disk is full',
  'unsupported file format',
  'no such column: epoch',
  'out of memory',
])('takes %j for damage', (message) => {
  const fault = { code: 'unavailable', message: `The database is damaged: ${message}.` };
  expect(sqliteFault(new Error(message))).toMatchObject(fault);
  expect(sqliteFault(message)).toMatchObject(fault);
});

it('says of a table that is not there that it may have been moved away', () => {
  expect(sqliteFault(new Error('no such table: users'))).toMatchObject({
    code: 'unavailable',
    hint: expect.stringContaining('gatehouse store migrate'),
  });
});

it.each(['RuntimeError', 'RangeError', 'CompileError'])('takes a %s of the machine below for damage', (name) => {
  expect(sqliteFault(Object.assign(new Error('unreachable'), { name }))).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('could not be read'),
  });
});

it('takes everything else for a defect of ours', () => {
  for (const thrown of [new Error('near "SELEC": syntax error'), coded(1), coded(undefined), null, 'odd']) {
    expect(sqliteFault(thrown)).toMatchObject({ code: 'internal', cause: thrown });
  }
});
