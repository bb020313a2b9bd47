/** gatehouse-protocol(7): docs/gate-protocol.md. */
import type { Documents } from './documents.ts';
import { type Block, blocksOf } from './markdown.ts';
import type { Page } from './roff.ts';

export function protocolPage({ protocol }: Documents): Page {
  const [, ...document] = protocol;
  return {
    name: 'gatehouse-protocol',
    section: 7,
    summary: 'how a host program asks Gatehouse to log a person on',
    blocks: [
      { kind: 'heading', level: 2, text: 'Description' },
      ...document,
      ...blocksOf(REST),
    ] satisfies readonly Block[],
  };
}

const REST = `
## Examples

Lines that are too long for this page are folded in it; on the wire each object is one line. Whole hosts in Python, TypeScript and shell are in
the package's \`examples\` folder.

## Security

Go on only with a grant that you have read yourself. A gate that was killed, could not be started or said nothing has denied. Show nothing of an
answer to a question that is \`secret\`, log neither \`key\` nor \`uri\`, and keep \`HostSocket\` in a folder that hosts alone can enter.

## See also

**gatehouse**(1), **gatehouse-login**(1), **config.ini**(5)
`;
