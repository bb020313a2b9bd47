/** A talk at the full-screen form: read off an emulator's cells. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIELD_LABELS } from '../../src/core/login/wording.ts';
import { GATEHOUSE } from './gatehouse-process.ts';
import type { JourneyFacility } from './journey-facility.ts';
import { FORM_OPTIONS, type Talk, verdictOf, wordsPattern } from './journey-talk.ts';
import { openPty, type PtyOptions } from './pty-screen.ts';

export function formTalk(at: JourneyFacility, size: Pick<PtyOptions, 'columns' | 'rows'> = {}): Talk {
  const script = '"$0" login --front-end ink --result-fd 3 3>result.json';
  const pty = openPty('/bin/sh', ['-c', script, GATEHOUSE], { folder: at.folder, ...size });

  let lastWord: 'none expected' | 'read' = 'none expected';
  /** Empty again: what was typed before it is no longer in it. */
  const open = (field: keyof typeof FIELD_LABELS) => new RegExp(`› ${FIELD_LABELS[field]} +_{5,}`);
  const words = () => pty.text().replace(/[▀▄█│\s]+/g, ' ');

  /** Rejects where the form waits for an Enter that the script does not know of. */
  async function wordLeft(): Promise<never> {
    throw new Error(`a last word is on the screen:\n${await pty.until(/Press Enter\./)}`);
  }

  return {
    async answer(field, value) {
      await pty.until(open(field));
      pty.type(value);
      // Seen in the field before Enter, so that the next empty field is the next question's.
      await pty.until((screen) => !open(field).test(screen));
      pty.type('\r');
    },
    async choose(option) {
      const label = FORM_OPTIONS[option] ?? option;
      await pty.until(new RegExp(`\\d ${label}`));
      pty.type(new RegExp(`(\\d) ${label}`).exec(pty.text())?.[1] ?? '');
    },
    says: async (text) => void (await pty.until(() => wordsPattern(text).test(words()))),
    async key() {
      await pty.until(/Pair your phone[\s\S]*Hide QR code/);
      return [...pty.text().matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' ');
    },
    async giveUp(field) {
      await pty.until(open(field));
      pty.type('\x1b');
    },
    async readLastWord() {
      await pty.until(/Press Enter\./);
      lastWord = 'read';
      pty.type('\r');
    },
    async end() {
      const status = await (lastWord === 'read' ? pty.exited : Promise.race([pty.exited, wordLeft()]));
      return { status, verdict: verdictOf(JSON.parse(readFileSync(join(at.folder, 'result.json'), 'utf8'))) };
    },
  };
}
