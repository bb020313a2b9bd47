import { changeAndRecord } from './change-and-record.ts';

changeAndRecord('sqljs', ['a file in the place of the audit folder', 'the lock of the trail held by another process']);
