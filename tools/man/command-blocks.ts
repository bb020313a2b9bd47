/** What the commands say of themselves in their help, as blocks of a manual page. */
import type { Command, Option } from 'commander';
import { type Block, type Definition, plain } from './markdown.ts';

/** A command and what is behind it, each with its usage, options, explanation and examples. */
export function commandDefinitions(command: Command, path: readonly string[] = []): readonly Definition[] {
  const here = [...path, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((sub) => commandDefinitions(sub, here));
  const { paragraphs, examples } = belowHelp(command);
  const options = visibleOptions(command).map(optionDefinition);
  return [
    {
      term: usage(command, here),
      blocks: [
        { kind: 'paragraph', text: sentence(plain(command.description())) },
        ...paragraphs.map((text): Block => ({ kind: 'paragraph', text: plain(text) })),
        ...(options.length === 0 ? [] : [{ kind: 'definitions', items: options } as const]),
        ...(examples.length === 0 ? [] : [{ kind: 'code', lines: examples } as const]),
      ],
    },
  ];
}

export function optionDefinition(option: Option): Definition {
  const { argChoices, mandatory, description } = option;
  const more = [
    ...(argChoices === undefined ? [] : [`One of: ${argChoices.join(', ')}.`]),
    ...(mandatory ? ['Has to be given.'] : []),
  ];
  const text = [sentence(plain(description)), ...more.map(plain)].join(' ');
  return { term: option.flags.split(', ').map(flag).join(', '), blocks: [{ kind: 'paragraph', text }] };
}

/** The explanation and the calls that stand below the options in a help text (`help-text.ts`). */
export function belowHelp(command: Command): { readonly paragraphs: readonly string[]; readonly examples: string[] } {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) }).outputHelp();
  const below = written.join('').slice(command.helpInformation().length);
  const [explanation = '', calls = ''] = below.split('\nExamples:\n');
  const paragraphs = explanation.split('\n\n').map((lines) => lines.trim().replaceAll('\n', ' '));
  const examples = calls.split('\n').map((line) => line.trim());
  return { paragraphs: paragraphs.filter((text) => text !== ''), examples: examples.filter((line) => line !== '') };
}

export function visibleOptions(command: Command): readonly Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => command.parent === null || long !== '--help');
}

/** `**gatehouse user add** [*options*] *name*`; options that have to be given by name. */
function usage(command: Command, path: readonly string[]): string {
  const options = visibleOptions(command);
  const needed = options.filter(({ mandatory }) => mandatory).map(({ flags }) => ` ${flag(flags)}`);
  const others = options.length > needed.length ? ' [*options*]' : '';
  return `**${path.join(' ')}**${needed.join('')}${others}${command.registeredArguments
    .map((argument) => {
      const name = `*${argument.name()}*${argument.variadic ? ' ...' : ''}`;
      return argument.required ? ` ${name}` : ` [${name}]`;
    })
    .join('')}`;
}

/** `--config <file>` → `**--config** *file*` */
export function flag(flags: string): string {
  const [name = '', value] = flags.split(' ');
  return value === undefined ? `**${name}**` : `**${name}** *${value.replace(/[<>]/g, '')}*`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
