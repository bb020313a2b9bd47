/** A facility on disk for the processes of a whole test file, with the clock of the machine: `alice` has a password, `bob` has to pair. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { shellActor } from '../../src/core/roles.ts';

export const PASSWORD = 'correct horse battery';
export const GATEHOUSE = resolve('bin/gatehouse');
export const LABEL = 'Ward LIVE';

/** Called in a `describe`; the facility is there when its tests run. */
export function standingFacility(passwords: Readonly<Record<string, string>> = {}): {
  readonly folder: string;
  readonly config: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const config = join(folder, 'config.ini');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    chmodSync(folder, 0o700);
    writeFileSync(config, `2FA=Auto:${LABEL}\n${QUICK}`, { mode: 0o600 });
    const read = readConfigFile(config).config;
    await createKeyFile({ path: read.store.keyFile, random: systemRandom, clock: systemClock });
    const facility = await openFacility(read, { database: 'create' });
    const directory = await facility.directory();
    for (const [name, password] of Object.entries({ alice: PASSWORD, bob: PASSWORD, ...passwords })) {
      const added = await directory.addUser(ADMIN, {
        name,
        password: { kind: 'given', password, thereafter: 'stays' },
      });
      if (added.kind === 'refused') throw new Error(`${name}: ${added.text}`);
    }
    const bob = await directory.find('bob');
    if (bob === undefined) throw new Error('bob was not added');
    await directory.requireTwoFactor(ADMIN, { selection: { kind: 'users', ids: [bob.id] }, from: null });
    await facility.close();
  });
  return { folder, config };
}

const ADMIN = shellActor('tester');

/** Cheap argon2id and patient counters: neither is what these tests are about. */
const QUICK = '[Password]\nArgon2MemoryMiB=19\nArgon2Passes=2\n[Lockout]\nPasswordFailures=90\nCodeFailures=90\n';
