/**
 * Runs all health checks of a facility. Invariants: it tries what a login does, so that it reports ok only where a login would work; of that
 * it leaves one record in the audit trail (doctor-store.ts), and changes no user and no counter. Each check is independent: one that
 * cannot be made is a failed check, and the others go on.
 */
import type { Config } from '../config/model.ts';
import type { Profile } from '../profile/profile.ts';
import { inert } from '../visible-text.ts';
import { readConfigFile } from './config-file.ts';
import { queueChecks, trailChecks } from './doctor-audit.ts';
import { type Check, fail, faultText, ok } from './doctor-check.ts';
import { phonesCheck } from './doctor-clock.ts';
import { folderChecks } from './doctor-folders.ts';
import { leftoversCheck } from './doctor-leftovers.ts';
import { keyCheck, nativeCheck } from './doctor-machine.ts';
import { peopleChecks } from './doctor-people.ts';
import { profileChecks } from './doctor-profile.ts';
import { secretsCheck, storeCheck, writeCheck } from './doctor-store.ts';
import { type Facility, openFacility } from './facility.ts';

export type Examination = {
  /** Absolute. */
  readonly configFile: string;
  /** Who runs it, for the record. */
  readonly actor: string;
  /** A standard that settings and users are compared with. */
  readonly profile?: Profile | undefined;
};

type Scene = Examination & { readonly config: Config };
type OpenScene = Scene & { readonly facility: Facility };

/** The name is for a check that could not be made. */
type Look<S> = { readonly name: string; readonly look: (scene: S) => Promise<Check | readonly Check[]> };

/** What can be looked at without opening the facility. */
const MACHINE: readonly Look<Scene>[] = [
  { name: 'folders', look: folderChecks },
  { name: 'native', look: nativeCheck },
  { name: 'key', look: keyCheck },
  { name: 'leftovers', look: leftoversCheck },
  { name: 'server', look: serverChecks },
];

/** In this order: the trail is verified as it was found, before anything is added to it. */
const FACILITY: readonly Look<OpenScene>[] = [
  { name: 'store', look: storeCheck },
  { name: 'secrets', look: secretsCheck },
  { name: 'audit', look: trailChecks },
  { name: 'write', look: writeCheck },
  { name: 'audit-queue', look: queueChecks },
  { name: 'people', look: peopleChecks },
  { name: 'phones', look: phonesCheck },
  { name: 'profile', look: profileChecks },
];

export async function examine(examination: Examination): Promise<readonly Check[]> {
  const { configFile } = examination;
  const checks: Check[] = [];
  const config = await tried(checks, 'config', async () => readConfigFile(configFile).config);
  if (config === undefined) return checks;
  checks.push(ok('config', `${inert(configFile)} is in order.`));
  const scene = { ...examination, config };
  await lookAt(checks, MACHINE, scene);
  const facility = await tried(checks, 'store', () => openFacility(config));
  if (facility === undefined) return checks;
  try {
    await lookAt(checks, FACILITY, { ...scene, facility });
  } finally {
    await facility.close();
  }
  return checks;
}

async function lookAt<S>(checks: Check[], looks: readonly Look<S>[], scene: S): Promise<void> {
  for (const { name, look } of looks) {
    await tried(checks, name, async () => checks.push(...[await look(scene)].flat()));
  }
}

/** The result of `work`; a fault becomes a failed check. */
async function tried<T>(checks: Check[], name: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    checks.push(fail(name, faultText(thrown)));
    return undefined;
  }
}

/** Loaded for PostgreSQL alone. */
async function serverChecks({ config, configFile }: Scene): Promise<readonly Check[]> {
  if (config.store.engine !== 'postgres') return [];
  const { postgresChecks } = await import('./doctor-postgres.ts');
  return postgresChecks(config.store, configFile);
}
