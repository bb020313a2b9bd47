/** The words of `gatehouse login`, read without a library: it is the one command whose start a person waits for. */
import { FRONT_ENDS, type FrontEnd } from '../terminal/front-end.ts';

export type LoginArguments = {
  readonly config: string | undefined;
  readonly user: string | undefined;
  readonly terminal: string | undefined;
  readonly nonce: string | undefined;
  readonly frontEnd: FrontEnd | undefined;
  readonly resultFd: number | undefined;
  /** What the gate becomes on a grant. */
  readonly command: readonly [string, ...string[]] | undefined;
};

export type ParsedLogin =
  | { readonly kind: 'login'; readonly login: LoginArguments }
  | { readonly kind: 'usage'; readonly problem: string }
  | { readonly kind: 'help' };

/** Undefined where `argv` calls another command. `argv` begins behind the program's name. */
export function loginWords(argv: readonly string[]): readonly string[] | undefined {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (word === '--config') at += 2;
    else if (word.startsWith('--config=')) at += 1;
    else break;
  }
  return argv[at] === 'login' ? [...argv.slice(0, at), ...argv.slice(at + 1)] : undefined;
}

/** `words` is what `loginWords` gives. An option given twice is a mistake, not a choice. */
export function parseLogin(words: readonly string[]): ParsedLogin {
  const given = new Map<OptionName, string>();
  let command: LoginArguments['command'];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--help' || word === '-h') return { kind: 'help' };
    if (word === '--') {
      const [name, ...args] = words.slice(at + 1);
      if (name === undefined) return usage('A command has to stand behind --.');
      command = [name, ...args];
      break;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    if (!isOption(name)) return usage(`login has no option ${word.startsWith('-') ? name : word}.`);
    if (given.has(name)) return usage(`${name} is given twice.`);
    const value = equals < 0 ? words[at + 1] : word.slice(equals + 1);
    if (value === undefined || value === '--') return usage(`${name} needs a value.`);
    if (value === '' || value.length > LONGEST_VALUE) return usage(`The value of ${name} is empty or too long.`);
    if (equals < 0) at += 1;
    given.set(name, value);
  }
  return checked(given, command);
}

const OPTIONS = ['--config', '--user', '--terminal', '--nonce', '--front-end', '--result-fd'] as const;
type OptionName = (typeof OPTIONS)[number];
const LONGEST_VALUE = 4096;

function checked(given: ReadonlyMap<OptionName, string>, command: LoginArguments['command']): ParsedLogin {
  const asked = given.get('--front-end');
  const frontEnd = FRONT_ENDS.find((name) => name === asked);
  if (asked !== undefined && frontEnd === undefined) return usage(`--front-end is one of: ${FRONT_ENDS.join(', ')}.`);
  const fd = given.get('--result-fd');
  if (fd !== undefined && !/^\d{1,5}$/.test(fd)) return usage('--result-fd is the number of an open descriptor.');
  return {
    kind: 'login',
    login: {
      config: given.get('--config'),
      user: given.get('--user'),
      terminal: given.get('--terminal'),
      nonce: given.get('--nonce'),
      frontEnd,
      resultFd: fd === undefined ? undefined : Number(fd),
      command,
    },
  };
}

function isOption(word: string): word is OptionName {
  return OPTIONS.some((option) => option === word);
}

function usage(problem: string): ParsedLogin {
  return { kind: 'usage', problem };
}
