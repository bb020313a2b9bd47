/**
 * Keys of every kind at the real gate, in a real terminal, form and plain prompts: it ends when it is told to, and nobody gets in. A password may be
 * seen, for it is also pressed where the name is asked.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createPasswordHasher } from '../../src/core/node/password-hasher.ts';
import { emulatedPty } from '../../test/support/emulated-pty.ts';
import { PASSWORD, torturedFacility } from '../facility.ts';
import type { Torment, Victim } from '../torment.ts';
import { pressedKeys } from './pressed-keys.ts';

const GATEHOUSE = join(import.meta.dirname, '../../bin/gatehouse');

export function notBuilt(): string | undefined {
  return existsSync(join(import.meta.dirname, '../../dist')) ? undefined : 'needs the built program: node build.ts';
}

export const keysAtGate: Torment = {
  name: 'keys-at-gate',
  about:
    'keys, pastes and bytes pressed at the real gate, form and plain prompts, the password among them: nobody gets in, nothing falls over',
  counted: 'key bursts',
  goals: { short: 15, long: 5000 },
  missing: notBuilt,
  open: victim,
};

const BURSTS = 15;

async function victim(folder: string): Promise<Victim> {
  const hasher = createPasswordHasher({ memoryMiB: 19, passes: 2 });
  const { facility, configFile, people } = await torturedFacility({ folder, names: ['alice'], hasher });
  const words = ['alice', PASSWORD, `alice\r${PASSWORD}\r`, '000000', '123456\r', 'ABCDE-FGHJK\r'];
  return {
    async round(random) {
      for (const { id } of people) await facility.store.by({}).unlock(id);
      const frontEnd = random.pick(['line', 'ink'] as const);
      const gate = emulatedPty(
        GATEHOUSE,
        ['--config', configFile, 'login', '--front-end', frontEnd, '--', '/bin/echo', 'INSIDE'],
        { folder },
      );
      try {
        await gate.until(/User name/);
        let over = false;
        const ended = gate.exited.then(() => {
          over = true;
        });
        let bursts = 0;
        for (; bursts < BURSTS && !over; bursts += 1) {
          gate.type(pressedKeys(random, words));
          // Not faster than somebody could see it, so that questions come to be asked.
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, random.below(60)))]);
        }
        while (!over) {
          gate.type('\x03');
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))]);
        }
        const status = await gate.exited;
        if (![77, 130].includes(status)) throw new Error(`the gate (${frontEnd}) ended with ${status}: ${gate.text()}`);
        if (gate.bytes().includes('INSIDE')) throw new Error(`the command ran (${frontEnd})`);
        return { 'key bursts': bursts, [`  gates (${frontEnd}) that ended with ${status}`]: 1 };
      } finally {
        gate.close();
      }
    },
    close: () => facility.close(),
  };
}
