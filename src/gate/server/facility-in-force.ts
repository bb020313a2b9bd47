/**
 * The facility that new conversations begin in. Invariant: a conversation ends in the configuration it began in; a new one takes its
 * place only once its facility is open, and the old facility is closed behind its last conversation.
 */
import type { Config, Mode } from '../../core/config/model.ts';
import { beginLogin, type LoginOptions } from '../../core/login/begin-login.ts';
import { type Facility, openFacility } from '../../core/node/facility.ts';
import { followConfig } from '../../core/node/live-config.ts';
import { loginDeps } from '../login-world.ts';
import { boundedHasher } from './bounded-hasher.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { WorkLine } from './work-line.ts';

export type FacilityInForce = Gatekeeper & {
  config(): Config;
  /** Where the audit trail ends now, to be noted elsewhere. */
  noteOfEnd(): Promise<string>;
  /** Rejects where the new facility cannot be opened; then the old one stays. */
  replace(config: Config): Promise<void>;
  close(): Promise<void>;
};

/** Faults: those of `openFacility`. */
export async function openFacilityInForce(
  config: Config,
  { configFile, hashing }: { readonly configFile: string; readonly hashing: WorkLine },
): Promise<FacilityInForce> {
  const live = followConfig(configFile, config);
  const modeNow = () => {
    live.poll();
    return live.now().mode;
  };
  let generation = await openGeneration(config, hashing);
  await generation.facility.trail.settleConfig(configFile);
  return {
    config: () => generation.facility.config,
    noteOfEnd: () => generation.facility.trail.noteOfEnd(),
    timeoutSeconds: () => generation.facility.config.login.timeoutSeconds,
    begin(options) {
      const { facility, enter } = generation;
      return { conversation: beginIn(facility, { hashing, modeNow }, options), over: enter() };
    },
    async replace(next) {
      const opened = await openGeneration(next, hashing);
      const old = generation;
      generation = opened;
      // The new one is in force by now, whatever becomes of the old.
      await old.retire().catch(() => {});
    },
    close: () => generation.facility.close(),
  };
}

type Beginning = { readonly hashing: WorkLine; readonly modeNow: () => Mode | undefined };

function beginIn(
  facility: Facility,
  { hashing, modeNow }: Beginning,
  options: LoginOptions,
): ReturnType<typeof beginLogin> {
  const vouched = options.password === 'checked-by-host';
  const deps = loginDeps(facility, { modeNow, ...(vouched ? { verifyPassword: passwordsOfTheHost } : {}) });
  return beginLogin({ ...deps, hasher: boundedHasher(facility.hasher, hashing) }, options);
}

/** Passwords are the host's: none is asked here, and none of ours is there to be changed. */
async function passwordsOfTheHost(): Promise<boolean> {
  return false;
}

type Generation = {
  readonly facility: Facility;
  /** Counts a conversation in; what it returns counts it out. */
  enter(): () => void;
  retire(): Promise<void>;
};

async function openGeneration(config: Config, hashing: WorkLine): Promise<Generation> {
  const facility = await openFacility(config);
  facility.trail.drainInBackground();
  try {
    // Loads what the first log-on would wait for, and shows that hashing works here.
    await boundedHasher(facility.hasher, hashing).verify('', undefined);
  } catch (thrown) {
    await facility.close();
    throw thrown;
  }
  let inside = 0;
  let retired = false;
  const closeBehindTheLast = async () => {
    if (retired && inside === 0) await facility.close();
  };
  return {
    facility,
    enter() {
      inside += 1;
      let counted = true;
      return () => {
        if (!counted) return;
        counted = false;
        inside -= 1;
        // Nobody is in it and nobody will be: what cannot be closed any more is let go with the process.
        closeBehindTheLast().catch(() => {});
      };
    },
    retire() {
      retired = true;
      return closeBehindTheLast();
    },
  };
}
