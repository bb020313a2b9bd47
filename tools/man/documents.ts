/** The documents that manual pages take sections from. */
import { readFileSync } from 'node:fs';
import { type Block, blocksOf } from './markdown.ts';

export type Documents = {
  readonly readme: readonly Block[];
  readonly security: readonly Block[];
  readonly protocol: readonly Block[];
};

/** From the folder of the project. */
export function readDocuments(): Documents {
  const read = (file: string) => blocksOf(readFileSync(file, 'utf8'));
  return { readme: read('README.md'), security: read('SECURITY.md'), protocol: read('docs/gate-protocol.md') };
}
