/** gatehouse completion bash | zsh | fish: scripts made from the tree of commands. */
import { Argument, type Command } from 'commander';
import { helpText } from './help-text.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .description('print a completion script')
    .addHelpText(
      'after',
      helpText({
        examples: [
          'gatehouse completion bash > /etc/bash_completion.d/gatehouse',
          'gatehouse completion zsh > ~/.zfunc/_gatehouse',
          'gatehouse completion fish > ~/.config/fish/completions/gatehouse.fish',
        ],
      }),
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
}

/** What may stand behind each path of commands. */
type Place = { readonly path: string; readonly words: readonly Word[] };
/** `choices`: of an option, what may stand behind it. */
type Word = { readonly text: string; readonly help: string; readonly choices?: readonly string[] };

function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return zshScript(places);
    case 'fish':
      return fishScript(places);
  }
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const options = [...command.options, ...(path.length > 0 ? (command.parent?.options ?? []) : [])];
  const words = [
    ...command.commands.map((sub) => ({ text: sub.name(), help: sub.description() })),
    ...options.flatMap(({ long, description, argChoices = [] }) =>
      long ? [{ text: long, help: description, choices: argChoices }] : [],
    ),
    ...command.registeredArguments.flatMap(({ argChoices }) => (argChoices ?? []).map((text) => ({ text, help: '' }))),
    { text: '--help', help: 'print help' },
  ];
  return [
    { path: path.join(' '), words: uniqueWords(words) },
    ...command.commands.flatMap((sub) => placesOf(sub, [...path, sub.name()])),
  ];
}

function uniqueWords(words: readonly Word[]): readonly Word[] {
  return [...new Map(words.map((word) => [word.text, word])).values()];
}

/** A branch for each option of a command whose values are known, by the words `command --option`. */
function optionBranches(places: readonly Place[], complete: (choices: string) => string): string {
  return places
    .flatMap(({ path, words }) =>
      words.flatMap(({ text, choices = [] }) =>
        choices.length === 0 ? [] : [`    '${path} ${text}') ${complete(choices.join(' '))}; return ;;`],
      ),
    )
    .join('\n');
}

/** The commands among the words before the cursor name the place. */
function bashScript(places: readonly Place[]): string {
  return `# bash completion of gatehouse
_gatehouse() {
  local word path="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "\${path:+$path }$word" in
${places
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      '${path}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${optionBranches(places, (choices) => `COMPREPLY=($(compgen -W '${choices}' -- "\${COMP_WORDS[COMP_CWORD]}"))`)}
  esac
  case "$path" in
${places.map(({ path, words }) => `    '${path}') COMPREPLY=($(compgen -W '${words.map(({ text }) => text).join(' ')}' -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`).join('\n')}
  esac
}
complete -o default -F _gatehouse gatehouse
`;
}

function zshScript(places: readonly Place[]): string {
  return `#compdef gatehouse
_gatehouse() {
  local word path_="" i
  local -a words_
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "\${path_:+$path_ }$word" in
${places
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      '${path}') path_='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path_ \${words[CURRENT-1]}" in
${optionBranches(places, (choices) => `compadd ${choices}`)}
  esac
  case "$path_" in
${places.map(({ path, words }) => `    '${path}') words_=(${words.map(zshWord).join(' ')}) ;;`).join('\n')}
  esac
  _describe gatehouse words_
  _files
}
_gatehouse "$@"
`;
}

function zshWord({ text, help }: Word): string {
  return quoted(help === '' ? text : `${text}:${help}`);
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const condition = quoted(
      path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`,
    );
    return words.map(({ text, help, choices = [] }) => {
      const values = choices.length === 0 ? '' : ` -x -a ${quoted(choices.join(' '))}`;
      const word = text.startsWith('--') ? `-l ${text.slice(2)}${values}` : `-a ${quoted(text)}`;
      return `complete -c gatehouse -n ${condition} ${word}${help === '' ? '' : ` -d ${quoted(help)}`}`;
    });
  });
  return `# fish completion of gatehouse\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
