/** What the set-up wizard makes: a facility by `init`, and in Central mode the administrator's own QR code. */
import { Fault } from '../core/errors.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { openFacility } from '../core/node/facility.ts';
import { initFacility } from '../core/node/init.ts';
import type { User } from '../core/ports.ts';
import type { SetUpService } from '../tui/flows/set-up.ts';
import { thisShell } from './call.ts';

export function setUpService(configFile: string): SetUpService {
  return {
    configFile,
    async init({ mode, adminName, password }) {
      // An empty one is no wish to have one made: the wizard has no place to show it.
      const choice = { kind: 'given', password, thereafter: 'stays' } as const;
      const { admin } = await initFacility({ configFile, mode, adminName, password: choice, actor: thisShell() });
      return { admin: admin.name, qr: mode.kind === 'central' ? await ownQr(configFile, admin) : undefined };
    },
  };
}

async function ownQr(configFile: string, { id }: User) {
  const facility = await openFacility(readConfigFile(configFile).config);
  try {
    const shown = await (await facility.directory()).showQr(thisShell(), id);
    if (shown.kind === 'refused') throw new Fault('internal', shown.text);
    return shown;
  } finally {
    await facility.close();
  }
}
