/**
 * The dear half of a door: opens the facility, once, and begins logins over it. Invariant: a facility that cannot be opened gives a
 * conversation that says so and ends, never one that goes on without it.
 */
import type { Config } from '../core/config/model.ts';
import { OtherSchema, toFault } from '../core/errors.ts';
import { beginLogin, type LoginOptions } from '../core/login/begin-login.ts';
import type { Conversation } from '../core/login/message.ts';
import { unavailableBecause } from '../core/login/unavailable.ts';
import { type Facility, openFacility } from '../core/node/facility.ts';
import { followConfig } from '../core/node/live-config.ts';
import { systemClock } from '../core/node/system-clock.ts';
import { loginDeps, type VerifyPassword } from './login-world.ts';
import { unavailableConversation } from './unavailable-conversation.ts';

export type OpenedDoor = {
  /** Never rejects. */
  begin(options: LoginOptions): Promise<Conversation>;
  close(): Promise<void>;
};

/** `configFile` is looked at again before a login without a code is granted. */
export function openedDoor(
  config: Config,
  {
    configFile,
    verifyPassword,
  }: { readonly configFile?: string; readonly verifyPassword?: VerifyPassword | undefined },
): OpenedDoor {
  const live = configFile === undefined ? undefined : followConfig(configFile, config);
  const modeNow = () => {
    live?.poll();
    return (live?.now() ?? config).mode;
  };
  let opened: Promise<Facility> | undefined;

  function facility(): Promise<Facility> {
    opened ??= openFacility(config).catch((thrown: unknown) => {
      // What was broken may be mended before the next person comes.
      opened = undefined;
      throw thrown;
    });
    return opened;
  }

  return {
    async begin(options) {
      try {
        return beginLogin(loginDeps(await facility(), { verifyPassword, modeNow }), options);
      } catch (thrown) {
        await recordAside(config, options, thrown);
        return unavailableConversation(thrown);
      }
    },
    close: async () => (await opened)?.close(),
  };
}

/**
 * A denial that no database can record: for the side chain of the audit folder, where there is a key. Best effort. The
 * trail of another version is not written to: until the upgrade, it is the other one's.
 */
async function recordAside(config: Config, { terminal }: LoginOptions, thrown: unknown): Promise<void> {
  if (thrown instanceof OtherSchema) return;
  const { code } = toFault(thrown);
  if (code !== 'busy' && code !== 'unavailable') return;
  try {
    const [{ appendToSide }, { readKeyRing }] = await Promise.all([
      import('../core/node/audit-side.ts'),
      import('../core/node/key-file.ts'),
    ]);
    const trail = { folder: config.audit.path, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock };
    const where = terminal === undefined ? {} : { terminal };
    await appendToSide(trail, { event: 'login.unavailable', detail: unavailableBecause(thrown).reason, ...where });
  } catch {
    // Nobody is let in all the same.
  }
}
