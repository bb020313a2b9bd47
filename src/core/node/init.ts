/**
 * Sets a facility up: data folder, key, database, first administrator, config.ini. Invariant: it overwrites nothing, and when it
 * fails, what it made is gone again. config.ini comes last: where there is one, all the rest is there.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setInConfig } from '../config/edit.ts';
import { exampleConfig } from '../config/example.ts';
import type { Config, Mode } from '../config/model.ts';
import { parseConfig } from '../config/parse.ts';
import { accountProblem } from '../directory/add-user.ts';
import { givenPasswordProblem, type PasswordChoice } from '../directory/password-choice.ts';
import { faultCodeOf, type Refusal } from '../directory/refusal.ts';
import { Fault } from '../errors.ts';
import type { User } from '../ports.ts';
import type { Actor } from '../roles.ts';
import { TABLES } from '../store/tables.ts';
import { inert } from '../visible-text.ts';
import { isCommonPassword } from './blocklist.ts';
import { problemsFault, readConfigFile, refuseUnsafeWay } from './config-file.ts';
import { createConfigFile } from './config-file-edit.ts';
import { type Facility, openFacility } from './facility.ts';
import { prepareFolder, takeBack, type Undo } from './init-undo.ts';
import { createKeyFile } from './key-file.ts';
import { openEngine } from './open-engine.ts';
import { systemRandom } from './random.ts';
import { systemClock } from './system-clock.ts';

export type InitRequest = {
  /** Where config.ini is to be. */
  readonly configFile: string;
  readonly mode: Mode;
  readonly adminName: string;
  readonly password: Exclude<PasswordChoice, { kind: 'none' }>;
  readonly actor: Actor;
  /** A PostgreSQL server that is to have the database (Store.Url); else sqljs has it, in the data folder. */
  readonly storeUrl?: string;
};

export type FacilityMade = {
  readonly configFile: string;
  readonly admin: User;
  /** Where it was generated: to be shown once. */
  readonly initialPassword: string | undefined;
};

/** Faults: `exists`, `bad-data` (name, password), `configuration` (label), and those of the file system. */
export async function initFacility(request: InitRequest): Promise<FacilityMade> {
  const configFile = resolve(request.configFile);
  const text = firstConfig(configFile, request);
  const config = checkedConfig(configFile, text);
  await refuseAdmin(config, request);
  refuseUnsafeWay(configFile);
  refuseOverwriting([configFile, config.store.path, config.store.keyFile]);
  const undo = prepareFolders(config);
  try {
    await createKey(config, undo);
    undo.files.push(config.store.path, `${config.store.path}.lock`);
    const facility = await openFacility(config, { database: 'create' });
    const made = await fillAndDrain(facility, request, undo).finally(() => facility.close());
    await createConfigFile(configFile, text);
    undo.files.push(configFile);
    // As every command will read it.
    readConfigFile(configFile);
    return { configFile, ...made };
  } catch (thrown) {
    takeBack(undo);
    await dropTables(config.store, undo.tables);
    throw thrown;
  }
}

function firstConfig(file: string, { mode, storeUrl }: InitRequest): string {
  const text = exampleConfig(mode);
  if (storeUrl === undefined) return text;
  const folder = dirname(file);
  const changes = { 'Store.Url': storeUrl, 'Store.Engine': 'postgres' };
  return Object.entries(changes).reduce((before, [key, value]) => {
    const edited = setInConfig({ text: before, file, folder }, { key, value });
    if (edited.kind === 'problems') throw problemsFault(file, edited.problems);
    return edited.text;
  }, text);
}

/** Of the server's database that this call has filled. What cannot be done is not what is to be said. */
async function dropTables(store: Config['store'], tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  try {
    const engine = await openEngine(store, { database: 'existing', clock: systemClock });
    await engine
      .write(async (tx) => {
        for (const table of tables) await tx.define(`DROP TABLE ${table}`);
      })
      .finally(() => engine.close());
  } catch {
    return;
  }
}

function checkedConfig(file: string, text: string): Config {
  const parsed = parseConfig({ text, file, folder: dirname(file) });
  if (parsed.kind === 'problems') throw problemsFault(file, parsed.problems);
  return parsed.config;
}

async function refuseAdmin(config: Config, { adminName, password, mode }: InitRequest): Promise<void> {
  const problem = accountProblem({ name: adminName });
  if (problem) throw refusedFault(problem);
  if (password.kind !== 'given') return;
  const whose = { userName: adminName, twoFactor: mode.kind === 'off' ? 'off' : 'required' } as const;
  const text = await givenPasswordProblem({ config, isBlockedPassword: isCommonPassword }, password.password, whose);
  if (text !== undefined) throw new Fault('bad-data', text);
}

/** A symbolic link that leads nowhere counts as a file. */
function refuseOverwriting(paths: readonly string[]): void {
  for (const path of paths) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) continue;
    throw new Fault('exists', inert(`${path} is there already.`), {
      hint: 'Nothing was changed. Name another config.ini with --config, or move the old facility away as a whole.',
    });
  }
}

/** The audit folder is there from the beginning, so that one which is missing later on means something. */
async function fillAndDrain(facility: Facility, request: InitRequest, undo: Undo) {
  const made = await fill(facility, request, undo);
  await facility.trail.drain();
  return made;
}

async function fill(facility: Facility, request: InitRequest, undo: Undo) {
  if (facility.config.store.engine === 'postgres') {
    undo.tables.push(...TABLES.map(({ name }) => name).toReversed(), 'schema_version');
    const { done } = await facility.trail.read({ limit: 1 }).next();
    if (done !== true) throw trailIsThere('in the database');
    undo.tables.push('audit_records', 'audit_heads');
  }
  return addFirstAdmin(facility, request);
}

async function addFirstAdmin(facility: Facility, request: InitRequest) {
  const { actor, adminName, password, mode } = request;
  const directory = await facility.directory();
  await facility.audit.append({ event: 'facility.created', actor: actor.name, detail: mode.kind });
  const added = granted(await directory.addUser(actor, { name: adminName, role: 'admin', password: { kind: 'none' } }));
  const { id } = added.user;
  if (mode.kind !== 'off') {
    granted(await directory.requireTwoFactor(actor, { selection: { kind: 'users', ids: [id] }, from: null }));
  }
  // After two-factor: a password beside a second factor may be shorter.
  const { user, initialPassword } = granted(await directory.setPassword(actor, { id, password }));
  // An audit folder that cannot be used is found out now.
  await facility.trail.drain();
  return { admin: user, initialPassword };
}

function granted<Outcome extends { readonly kind: string }>(outcome: Outcome | Refusal): Exclude<Outcome, Refusal> {
  if (isRefusal(outcome)) throw refusedFault(outcome);
  return outcome as Exclude<Outcome, Refusal>;
}

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === 'refused';
}

function refusedFault({ code, text, hint }: Refusal): Fault {
  return new Fault(faultCodeOf(code), text, hint === undefined ? {} : { hint });
}

function prepareFolders({ store, audit }: Config): Undo {
  if (lstatSync(audit.path, { throwIfNoEntry: false }) && readdirSync(audit.path).length > 0) {
    throw trailIsThere(audit.path);
  }
  const undo: Undo = { files: [], folders: [], modes: [], tables: [] };
  for (const folder of new Set([dirname(store.path), dirname(store.keyFile)])) prepareFolder(folder, undo);
  return undo;
}

/** Making the key is what decides between two who set up at once: until then nothing there is known to be ours. */
async function createKey({ store, audit }: Config, undo: Undo): Promise<void> {
  const { keyFile: path } = store;
  try {
    await createKeyFile({ path, random: systemRandom, clock: systemClock });
  } catch (thrown) {
    if (!(thrown instanceof Fault && thrown.code === 'exists')) undo.files.push(`${path}.lock`, `${path}.new`);
    // Somebody was faster: the folder is theirs now, closed as they need it.
    else undo.modes.length = 0;
    throw thrown;
  }
  undo.files.push(path, `${path}.lock`, audit.path);
}

function trailIsThere(place: string): Fault {
  return new Fault('exists', inert(`There is an audit trail already: ${place}.`), {
    hint: 'Nothing was changed. It belongs to another key: move it away first.',
  });
}
