/** SECURITY.md says what is: its numbers, its tests, its files and its cryptography are those of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guessTable } from './guess-odds.ts';

const text = readFileSync('SECURITY.md', 'utf8');

function section(heading: string): string {
  const after = text.split(`## ${heading}\n`)[1];
  if (after === undefined) throw new Error(`no section ${heading}`);
  return after.split('\n## ')[0] ?? '';
}

describe('SECURITY.md', () => {
  it('has the chances of a guesser that the default settings make', () => {
    const shown = /<!-- guessing -->\n([\s\S]*?)\n<!-- \/guessing -->/.exec(text)?.[1];
    expect(shown).toBe(guessTable());
  });

  it('names tests that exist, and links files that exist', () => {
    const tests = [...text.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '');
    expect(tests.length).toBeGreaterThan(50);
    expect(tests.filter((file) => !existsSync(file))).toEqual([]);
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !link.includes('://') && !existsSync(link))).toEqual([]);
  });

  it('gives each rule one of four answers, and a reason where it is not met', () => {
    const rows = section('The rules, one by one').match(/^\| \d.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(90);
    const cells = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(cells.filter(([, answer = '']) => !['met', 'partly', 'no', 'n/a'].includes(answer))).toEqual([]);
    expect(cells.filter(([, answer, how]) => (answer === 'partly' || answer === 'no') && how === '')).toEqual([]);
    // Each item once, in its order within its table.
    expect(new Set(cells.map(([item]) => item)).size).toBe(cells.length);
  });

  it('has every file that does cryptography in its inventory, and no other (ASVS 5.0.0 11.1.3)', () => {
    const does =
      /from 'node:crypto'|import\('node:crypto'\)|\bcrypto\.(subtle|randomUUID|getRandomValues)|'@node-rs\/argon2'|from 'otplib/;
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .map((name) => join('src', name))
      .filter((name) => /\.tsx?$/.test(name) && does.test(readFileSync(name, 'utf8')));
    const listed = [...section('Cryptography in it').matchAll(/`(src\/[^`]+)`/g)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(files.toSorted());
  });
});
