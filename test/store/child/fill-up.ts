/** Adds one user after the other, and writes each acknowledged name to stdout, until the store refuses; then the code of its Fault. */
import { writeSync } from 'node:fs';
import { toFault } from '../../../src/core/errors.ts';
import { person } from '../../store-contract/people.ts';
import { openChildStore } from './open-child-store.ts';

const store = await openChildStore();
try {
  for (let number = 0; ; number += 1) {
    const name = `filler-${number}`;
    await store.addUsers([person(name, { display: 'x'.repeat(2000) })]);
    writeSync(1, `${name}\n`);
  }
} catch (thrown) {
  writeSync(1, `${toFault(thrown).code}\n`);
}
await store.close();
