import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderedReadme } from '../../tools/readme.ts';

const readme = readFileSync('README.md', 'utf8');

describe('README.md', () => {
  it('has the settings and keys that the program has (npm run docs writes them)', () => {
    expect(readme).toBe(renderedReadme(readme));
  });

  it('points at files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((link) => link[1] ?? '');
    expect(links.filter((link) => !link.includes('://') && !existsSync(link))).toEqual([]);
  });
});
