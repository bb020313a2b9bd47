/** A whole text from a file, or from stdin where the file is called -. */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { Fault } from '../core/errors.ts';
import { errnoOf, fileFault } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';

/** Faults: `not-found`, `unavailable`; `bad-data` where it is not UTF-8 or too long. */
export async function readTextInput(file: string): Promise<string> {
  const bytes = file === '-' ? await allOfStdin() : await readFile(file).catch(unreadable(file));
  if (bytes.length > MOST_BYTES) throw new Fault('bad-data', 'The file is too long for a list of users.');
  if (!isUtf8(bytes)) throw new Fault('bad-data', 'The file is not UTF-8 text.', { hint: 'Save it as UTF-8.' });
  return bytes.toString('utf8');
}

/** 100,000 users are some 10 MB. */
const MOST_BYTES = 256 * 1024 * 1024;

async function allOfStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function unreadable(file: string) {
  return (thrown: unknown): never => {
    if (errnoOf(thrown) === 'ENOENT') {
      throw new Fault('not-found', `There is no file ${inert(file)}.`, { cause: thrown });
    }
    throw fileFault(`The file ${file} could not be read`, thrown);
  };
}
