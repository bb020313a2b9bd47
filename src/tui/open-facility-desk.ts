/** The facility's files, as the console's screens may use them. */
import { parseConfig } from '../core/config/parse.ts';
import { notPermitted } from '../core/directory/parts.ts';
import { recentCodeMatches } from '../core/node/code-matches.ts';
import { readConfigText } from '../core/node/config-file.ts';
import { saveConfig } from '../core/node/config-save.ts';
import { examine } from '../core/node/doctor.ts';
import type { Facility } from '../core/node/facility.ts';
import type { LiveConfig } from '../core/node/live-config.ts';
import { mayDo } from '../core/roles.ts';
import type { FacilityDesk, SeenConfig } from './facility-desk.ts';

export function openFacilityDesk(from: {
  readonly facility: Pick<Facility, 'trail' | 'clock'>;
  readonly configFile: string;
  readonly live: LiveConfig;
}): FacilityDesk {
  const { facility, configFile, live } = from;
  const { trail } = facility;
  let last: SeenConfig | undefined;
  return {
    audit: {
      end: trail.end,
      before: trail.before,
      since: trail.since,
      verify: trail.verify,
      codeMatches: () => recentCodeMatches(trail, facility.clock.now()),
    },
    configFile: {
      file: configFile,
      read() {
        const source = readConfigText(configFile);
        // Asked each second: as long as the text is the same, so is what it was parsed to.
        if (source.text !== last?.source.text) last = { source, parsed: parseConfig(source) };
        return last;
      },
      async save(actor, asked) {
        if (!mayDo(actor, 'manage-facility', undefined)) return notPermitted(actor);
        const saved = await saveConfig(configFile, { ...asked, actor });
        if (saved.kind === 'saved') live.poll();
        return saved;
      },
      trouble: live.trouble,
    },
    examine: (actor) => examine({ configFile, actor: actor.name }),
  };
}
