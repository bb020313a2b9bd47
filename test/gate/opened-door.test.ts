/** A door over a facility that cannot be opened. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendToSide } from '../../src/core/node/audit-side.ts';
import { sideChains } from '../../src/core/node/audit-side-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { openedDoor } from '../../src/gate/opened-door.ts';
import { type Version1Facility, version1Facility } from '../support/version-1-facility.ts';

const auditFiles = ({ config }: Version1Facility) =>
  readdirSync(config.audit.path)
    .sort()
    .map((name) => {
      const path = join(config.audit.path, name);
      return [name, statSync(path).isFile() ? readFileSync(path, 'latin1') : 'folder'];
    });

async function deniedBy({ config }: Version1Facility) {
  const door = openedDoor(config, {});
  const conversation = await door.begin({ terminal: 'ward-3' });
  const messages = await conversation.start();
  await door.close().catch(() => undefined);
  return messages.at(-1);
}

describe('a login by this version at a facility', () => {
  it.each(['sqlite', 'sqljs'] as const)(
    'of version 1 (%s) is denied, and its audit folder stays as it is',
    async (engine) => {
      const facility = await version1Facility(engine);
      const before = auditFiles(facility);
      expect(before.map(([name]) => name)).toContain('head');
      expect(await deniedBy(facility)).toMatchObject({ type: 'done', outcome: 'unavailable' });
      expect(auditFiles(facility)).toEqual(before);
    },
  );

  it('whose database is damaged is held aside, and the mark of version 1 stays', async () => {
    const facility = await version1Facility('sqlite');
    const mark = join(facility.config.audit.path, 'head');
    const before = readFileSync(mark);
    writeFileSync(facility.config.store.path, 'no database', { mode: 0o600 });
    expect(await deniedBy(facility)).toMatchObject({ type: 'done', outcome: 'unavailable' });
    const { auditKey: key } = readKeyRing(facility.config.store.keyFile);
    expect(sideChains(facility.config.audit.path, key)).toMatchObject([{ seq: 1 }]);
    await appendToSide({ folder: facility.config.audit.path, key, clock: { now: () => 0 } }, { event: 'login.denied' });
    expect(readFileSync(mark).equals(before)).toBe(true);
  });
});
