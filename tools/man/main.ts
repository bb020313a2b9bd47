/** Writes the manual pages in man/ from the help, the settings and the documents: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../src/cli/version.ts';
import { configPage } from './config-page.ts';
import { readDocuments } from './documents.ts';
import { gatehousePage } from './gatehouse-page.ts';
import { loginPage } from './login-page.ts';
import { protocolPage } from './protocol-page.ts';
import { linkPage, manualPage } from './roff.ts';

/** File name → what is in it. */
export function manualPages(): ReadonlyMap<string, string> {
  const documents = readDocuments();
  const config = configPage();
  const pages = [gatehousePage(documents), loginPage(documents), config, protocolPage(documents)];
  const edition = { version: VERSION, date: RELEASED };
  return new Map([
    ...pages.map((page) => [`${page.name}.${page.section}`, manualPage(page, edition)] as const),
    // Other packages may have a config.ini(5) too.
    ['gatehouse-config.5', linkPage(config)],
  ]);
}

/** Goes with the version in package.json. */
const RELEASED = '2026-11-24';

if (import.meta.main) {
  for (const [file, text] of manualPages()) writeFileSync(join('man', file), text);
}
