import { changeAndRecord } from './change-and-record.ts';

changeAndRecord('sqlite', [
  'a dangling link in the place of the audit folder',
  'a folder in the place of the lock of the trail',
]);
