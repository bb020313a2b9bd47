/** gatehouse-login(1): the gate as a process, from its help and from the part of the protocol's document that is about it. */
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { belowHelp, flag, visibleOptions } from './command-blocks.ts';
import type { Documents } from './documents.ts';
import { type Block, blocksOf, plain, sectionOf } from './markdown.ts';
import type { Page } from './roff.ts';

export function loginPage({ protocol, security }: Documents): Page {
  const login = createProgram().commands.find((command) => command.name() === 'login');
  if (login === undefined) throw new Error('There is no command login.');
  const { paragraphs, examples } = belowHelp(login);
  const { options, prose, result, statuses, afterStatuses } = partsOf(sectionOf(protocol, 'As a process'));
  return {
    name: 'gatehouse-login',
    section: 1,
    summary: 'ask a person for name, password and code',
    blocks: [
      { kind: 'heading', level: 2, text: 'Synopsis' },
      { kind: 'paragraph', text: synopsis(login) },
      ...blocksOf(ABOUT),
      ...paragraphs.map((text): Block => ({ kind: 'paragraph', text: plain(text) })),
      ...prose,
      { kind: 'heading', level: 2, text: 'Options' },
      ...blocksOf(CONFIG_OPTION),
      options,
      { kind: 'heading', level: 2, text: 'Result line' },
      ...result,
      { kind: 'heading', level: 2, text: 'Exit status' },
      statuses,
      ...afterStatuses,
      ...blocksOf(AT_THE_TERMINAL),
      { kind: 'heading', level: 2, text: 'Examples' },
      { kind: 'code', lines: examples },
      ...blocksOf(MORE_EXAMPLES),
      { kind: 'heading', level: 2, text: 'Security' },
      ...sectionOf(security, 'What the gate does to stay shut'),
      ...blocksOf(SEE_ALSO),
    ],
  };
}

const ABOUT = `
## Description

Asks whoever sits at the terminal for user name, password and code, and says whether they are let in. Who has to pair a phone is shown a QR
code, and the key to type beside it.
`;

const CONFIG_OPTION = `
| option | meaning |
|---|---|
| \`--config FILE\` | The configuration; stands before the word \`login\` or behind it. Otherwise \`$GATEHOUSE_CONFIG\`, \`./config.ini\`, \`/etc/gatehouse/config.ini\`. |
`;

const AT_THE_TERMINAL = `
## Keys

Esc, F3, F12 and Ctrl-C give up; the exit status is 130. F1 shows all keys of the form. F2 swaps light and dark of a QR code that does not
scan. What is typed is not shown where it is secret, and what was typed before a question is dropped.

## Environment

| variable | meaning |
|---|---|
| \`GATEHOUSE_CONFIG\` | The configuration, where \`--config\` does not name it. |
| \`GATEHOUSE_USER\`, \`GATEHOUSE_METHOD\` | Set for *COMMAND*: who was let in, and by what (\`password\`, \`password+totp\`, \`password+recovery\`, \`password+one-time\`). |
| \`TERM\`, \`LC_ALL\`, \`LC_CTYPE\`, \`LANG\`, \`NO_COLOR\` | What the terminal can do. |
`;

const MORE_EXAMPLES = `
A shell script that goes on only with a grant:

\`\`\`
gatehouse --config /etc/gatehouse/config.ini login || exit
\`\`\`

In \`sshd_config\`, for people who may run one program and nothing else:

\`\`\`
ForceCommand gatehouse --config /etc/gatehouse/config.ini login -- /usr/bin/plato
\`\`\`
`;

const SEE_ALSO = `
## See also

**gatehouse**(1), **config.ini**(5), **gatehouse-protocol**(7)
`;

function synopsis(login: Command): string {
  const options = visibleOptions(login).map(({ flags }) => `[${flag(flags)}]`);
  return `**gatehouse** [**--config** *file*] **login** ${options.join(' ')} [**--** *command* [*argument* ...]]`;
}

/** The document's order: call, options, prose, result line, statuses, prose. */
function partsOf(section: readonly Block[]) {
  const [, options, ...rest] = section;
  const at = rest.findIndex(({ kind }) => kind === 'table');
  const statuses = rest[at];
  const resultAt = rest.findIndex(({ kind }) => kind === 'code') - 1;
  if (options?.kind !== 'table' || statuses === undefined || resultAt < 0) {
    throw new Error('The section on the process is not call, options, prose, result line, statuses, prose.');
  }
  const prose = rest.slice(0, resultAt);
  return { options, prose, result: rest.slice(resultAt + 1, at), statuses, afterStatuses: rest.slice(at + 1) };
}
