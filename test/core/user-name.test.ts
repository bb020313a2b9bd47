/** The attack: a user named `$(id)` logs in, and the program behind the gate runs the name, or opens it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nameProblem, nameProblemText, tidyName } from '../../src/core/user.ts';
import { shellUnsafe } from '../../src/core/user-name.ts';
import fc from '../support/properties.ts';

const SPECIAL = [...'$`"*?[](){}<>|&;!'];

const REFUSED: [name: string, text: string][] = [
  ...SPECIAL.map((character) => [`a${character}b`, `A user name cannot contain "${character}"`] as [string, string]),
  ['$(id)', 'cannot contain "$"'],
  ['../x', 'cannot contain "/"'],
  ['.', 'cannot be "."'],
  ['..', 'cannot be ".."'],
  ['-rf', '"-" at the beginning of a word'],
  ['mary -rf', '"-" at the beginning of a word'],
  ['~root', '"~" at the beginning of a word'],
  ['x=~root', '"~" at the beginning of a word'],
  ['#1', '"#" at the beginning of a word'],
  ['mary #1', '"#" at the beginning of a word'],
  ["'alice'", "only between two letters, as in o'brien"],
  ["alice'", "only between two letters, as in o'brien"],
  ['\\alice', 'only once, between a domain and a name'],
  ['WARD\\', 'only once, between a domain and a name'],
  ['WARD\\\\alice', 'only once, between a domain and a name'],
  ['WARD\\a\\b', 'only once, between a domain and a name'],
];

describe('a user name', () => {
  it.each(REFUSED)('cannot be %s, and the sentence says why', (name, text) => {
    expect(shellUnsafe(name)).toBe(true);
    const problem = nameProblem(name);
    if (problem === undefined) throw new Error('accepted');
    expect(`A ${nameProblemText(problem, name).slice(2)}`).toContain(text);
  });

  it.each(['a\nb', 'a\u0000b', 'a\u001bb'])('cannot have a control character: %j', (name) => {
    expect(shellUnsafe(name)).toBe(true);
    expect(nameProblem(name)).toBe('invisible-character');
  });

  it.each([
    'alice',
    'mary smith',
    'ward 3 - night',
    'j.doe',
    'j_doe-2',
    'alice@ward.example',
    'WARD\\alice',
    'WARD.EXAMPLE\\svc_x',
    "o'brien",
    'o’neill',
    'jürgen',
    '张伟',
    'x+y=z,50%',
    'a~b#c-',
  ])('can be %s', (name) => {
    expect(shellUnsafe(name)).toBe(false);
    expect(nameProblem(name)).toBeUndefined();
  });

  it('is the same words in a shell that expands it, whatever it is made of', () => {
    const unit = fc.constantFrom(...SPECIAL, ...'ab1 ~#-=%^+,._@/ä'.repeat(4));
    const typed = fc.sample(fc.string({ unit, minLength: 1, maxLength: 8 }), { numRuns: 40_000, seed: 7 });
    const names = [...new Set(typed.map(tidyName))].filter((name) => name !== '' && !shellUnsafe(name));
    expect(names.length).toBeGreaterThan(1000);
    // The worst that a program can do to it: eval, without quotes.
    const script = 'while IFS= read -r name; do eval "set -- $name"; printf "%s\\n" "$*"; done';
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { input: `${names.join('\n')}\n`, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual(names);
  });
});
