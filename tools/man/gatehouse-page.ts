/** gatehouse(1): every command, from what the help says, with the README's tables of tasks and files. */
import { exitStatusMarkdown } from '../../src/cli/exit-status-table.ts';
import { createProgram } from '../../src/cli/program.ts';
import { commandDefinitions, optionDefinition, visibleOptions } from './command-blocks.ts';
import type { Documents } from './documents.ts';
import { type Block, blocksOf, type Definition, sectionOf, tableOf } from './markdown.ts';
import type { Page } from './roff.ts';

export function gatehousePage({ readme, security }: Documents): Page {
  const program = createProgram();
  const globalOptions = visibleOptions(program).map(optionDefinition);
  const groups = program.commands.filter((command) => command.name() !== 'help');
  return {
    name: 'gatehouse',
    section: 1,
    summary: 'two-factor login for programs that people use from terminals',
    blocks: [
      ...blocksOf(ABOUT),
      { kind: 'heading', level: 2, text: 'Options' },
      { kind: 'definitions', items: globalOptions },
      { kind: 'heading', level: 2, text: 'Commands' },
      ...groups.flatMap((group): Block[] => [
        { kind: 'heading', level: 3, text: headingOf(group.name(), group.description(), group.commands.length) },
        { kind: 'definitions', items: commandDefinitions(group, [program.name()]) },
      ]),
      { kind: 'heading', level: 2, text: 'Exit status' },
      ...blocksOf(exitStatusMarkdown()),
      ...blocksOf(ENVIRONMENT),
      { kind: 'heading', level: 2, text: 'Files' },
      { kind: 'definitions', items: places(readme) },
      { kind: 'heading', level: 2, text: 'Examples' },
      { kind: 'paragraph', text: 'A new facility, from nothing to the first log-on:' },
      ...sectionOf(readme, 'Set a facility up in five commands').filter(({ kind }) => kind === 'code'),
      { kind: 'paragraph', text: 'What is asked for most:' },
      { kind: 'definitions', items: tasks(readme) },
      { kind: 'heading', level: 2, text: 'Security' },
      ...sectionOf(security, 'What the gate does to stay shut'),
      ...blocksOf(SEE_ALSO),
    ],
  };
}

const ABOUT = `
## Synopsis

**gatehouse** [**--config** *file*]

**gatehouse** [**--config** *file*] [**--json**] *command* [*options*] [*arguments*]

## Description

Gatehouse stands in front of a host program and lets somebody through who knows a password and the six-digit code that an authenticator app
on their phone shows at that moment (RFC 6238). It works without any network.

Without a command it opens the **console**, a full-screen program for the administrators: roll-out, users, QR codes, configuration, audit
trail. The first time, it sets a facility up. \`?\` shows the keys of each screen.

A user's two-factor is \`off\`, \`required\` (no secret yet), \`issued\` (there is a secret, no right code came yet) or \`paired\`. In Auto
mode the next right password shows the QR code on that terminal; in Central mode an administrator hands it out.

Whoever runs these commands needs the right to read and write the database and the key. Passwords are never arguments: they are read from
standard input or asked for at the terminal.
`;

const ENVIRONMENT = `
## Environment

| variable | meaning |
|---|---|
| \`GATEHOUSE_CONFIG\` | The configuration, where \`--config\` does not name it. |
| \`NO_COLOR\` | No colour, whatever its value. |
| \`TERM\`, \`LC_ALL\`, \`LC_CTYPE\`, \`LANG\` | What the terminal can do, and whether it draws UTF-8. |

\`NODE_OPTIONS\`, \`LD_PRELOAD\` and what else could change the program are dropped before it starts.
`;

const SEE_ALSO = `
## See also

**gatehouse-login**(1), **config.ini**(5), **gatehouse-protocol**(7)

The guides in the package's \`docs\` folder: embedding, ssh, terminals, backup and restore; systemd units in \`examples/systemd\`.
`;

function headingOf(name: string, description: string, commands: number): string {
  return commands === 0 ? name : `${name} - ${description}`;
}

/** what, where, mode → where: what, mode */
function places(readme: readonly Block[]): readonly Definition[] {
  return tableOf(readme, 'Where things are').rows.map(([what = '', where = '', mode = '']) => ({
    term: where,
    blocks: [{ kind: 'paragraph', text: `${what.charAt(0).toUpperCase()}${what.slice(1)}; ${mode}.` }],
  }));
}

/** task, command, in the console → task: command */
function tasks(readme: readonly Block[]): readonly Definition[] {
  return tableOf(readme, 'How do I …').rows.map(([task = '', command = '']) => ({
    term: task,
    blocks: [{ kind: 'paragraph', text: command }],
  }));
}
