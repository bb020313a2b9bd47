/** A talk in plain lines, on a terminal that can do nothing: read in the order in which it comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIELD_LABELS } from '../../src/core/login/wording.ts';
import { GATEHOUSE } from './gatehouse-process.ts';
import type { JourneyFacility } from './journey-facility.ts';
import { type Talk, verdictOf, wordsPattern } from './journey-talk.ts';
import { openTerminal } from './pty.ts';

export function linesTalk(at: JourneyFacility): Talk {
  const script = '"$0" login --front-end line --result-fd 3 3>result.json';
  const terminal = openTerminal('/bin/sh', ['-c', script, GATEHOUSE], { cwd: at.folder });

  return {
    async answer(field, value) {
      await terminal.until(`${FIELD_LABELS[field]}: `);
      terminal.type(`${value}\r`);
    },
    async choose(option) {
      await terminal.until(/\[[a-z/]+\]: /);
      terminal.type(`${option}\r`);
    },
    says: async (text) => void (await terminal.until(wordsPattern(text))),
    async key() {
      const shown = await terminal.until(/Key: +([A-Z2-7]{4} ){7}[A-Z2-7]{4}/);
      return /([A-Z2-7]{4} ){7}[A-Z2-7]{4}/.exec(shown)?.[0] ?? '';
    },
    async giveUp(field) {
      await terminal.until(`${FIELD_LABELS[field]}: `);
      terminal.type('\x03');
    },
    async readLastWord() {},
    async end() {
      const status = await terminal.ended;
      return { status, verdict: verdictOf(JSON.parse(readFileSync(join(at.folder, 'result.json'), 'utf8'))) };
    },
  };
}
