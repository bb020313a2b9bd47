/** SECURITY.md says what is: its numbers, its tests, its files and its cryptography are those of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config/parse.ts';
import { findSetting } from '../../src/core/config/settings.ts';
import { findingsOf, PROFILES } from '../../src/core/profile/profile.ts';
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

  it('names settings that exist, with values that they take, and those of PCI DSS meet its profile', () => {
    const named = [...section('The rules, one by one').matchAll(/`((?:[A-Z]\w+\.)?[A-Z0-9]\w+)=([^`]+)`/g)];
    const settings = named.flatMap(([, key = '', value = '']) =>
      findSetting(key) === undefined ? [] : [[key, value]],
    );
    expect(settings.length).toBeGreaterThan(4);
    for (const [key = '', value = ''] of settings) expect([key, findSetting(key)?.read(value).ok]).toEqual([key, true]);
    const [, longest, first] = /LongestDelaySeconds=(\d+)` and `FirstDelaySeconds=(\d+)`/.exec(text) ?? [];
    const read = parseConfig({
      text: `2FA=Auto:Ward\n[Lockout]\nLongestDelaySeconds=${longest}\nFirstDelaySeconds=${first}\n[Password]\nMinLength=12\n`,
      file: 'config.ini',
      folder: '/srv',
    });
    if (read.kind === 'problems') throw new Error('not right');
    const findings = findingsOf('pci', { config: read.config, users: [], now: 0 });
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
  });

  it('has a row for each requirement of the profiles of doctor', () => {
    const read = parseConfig({ text: '2FA=Auto:Ward\n', file: 'config.ini', folder: '/srv' });
    if (read.kind === 'problems') throw new Error('not right');
    const rows = section('The rules, one by one').match(/^\| \d[^|]*/gm) ?? [];
    const lacking = PROFILES.flatMap((profile) =>
      findingsOf(profile, { config: read.config, users: [], now: 0 })
        .map(({ requirement }) => requirement)
        .filter((requirement) => !rows.some((row) => row.split(/[ ,]+/).includes(requirement))),
    );
    expect(lacking).toEqual([]);
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
