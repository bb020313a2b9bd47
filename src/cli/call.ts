/** What all commands share: the options that come with each, the open facility, and refusals as faults. */
import type { Command } from 'commander';
import type { Directory } from '../core/directory/directory.ts';
import { faultCodeOf, type Refusal } from '../core/directory/refusal.ts';
import { Fault } from '../core/errors.ts';
import { readConfigFile } from '../core/node/config-file.ts';
import { type ConfigSearch, findConfigFile } from '../core/node/config-search.ts';
import { groupWarnings } from '../core/node/doctor-folders.ts';
import { type Facility, openFacility } from '../core/node/facility.ts';
import { shellAccount } from '../core/node/shell-account.ts';
import type { User } from '../core/ports.ts';
import { type Actor, shellActor } from '../core/roles.ts';
import { inert } from '../core/visible-text.ts';
import { type OutputForm, printJson, printLine, remark } from './output.ts';

export type Call = { readonly form: OutputForm; readonly configFlag: string | undefined };

export function callOf(command: Command): Call {
  const { json, config } = command.optsWithGlobals<{ json?: boolean; config?: string }>();
  return { form: json === true ? 'json' : 'text', configFlag: config };
}

export function configSearch(call: Call): ConfigSearch {
  return { flag: call.configFlag, environment: process.env, folder: process.cwd() };
}

/** Absolute path of the config.ini to use. Prints its warnings, once, unless the output is JSON. */
export function configFileOf(call: Call): string {
  const file = findConfigFile(configSearch(call));
  if (call.form === 'text') for (const warning of groupWarnings(file)) remark(`gatehouse: warning: ${warning}`);
  return file;
}

export type Opened = {
  readonly facility: Facility;
  readonly directory: Directory;
  readonly actor: Actor;
  readonly configFile: string;
};

/** Opens the facility, does the work, and closes it on every way out. */
export async function withFacility<T>(call: Call, work: (opened: Opened) => Promise<T>): Promise<T> {
  const configFile = configFileOf(call);
  const facility = await openFacility(readConfigFile(configFile).config);
  // The files have what a command did when it ends, where they can.
  facility.trail.drainInBackground();
  try {
    await facility.trail.settleConfig(configFile);
    return await work({ facility, directory: await facility.directory(), actor: thisShell(), configFile });
  } finally {
    await facility.close();
  }
}

/** Whoever runs the command could read the key: that is the check. */
export function thisShell(): Actor {
  return shellActor(shellAccount());
}

/** The outcome, or the refusal thrown as the fault that the command ends with. */
export function accepted<Outcome extends { readonly kind: string }>(
  outcome: Outcome | Refusal,
): Exclude<Outcome, Refusal> {
  if (isRefusal(outcome)) {
    const { code, text, hint } = outcome;
    throw new Fault(faultCodeOf(code), text, hint === undefined ? {} : { hint });
  }
  return outcome as Exclude<Outcome, Refusal>;
}

/** The user of that name, in any spelling of it. */
export async function namedUser(directory: Directory, typedName: string): Promise<User> {
  const user = await directory.find(typedName);
  if (user) return user;
  throw new Fault('not-found', `There is no user ${inert(typedName)}.`, { hint: 'gatehouse user list' });
}

/** One result in the form that was asked for. */
export function printResult(call: Call, result: { readonly text: string; readonly json: unknown }): void {
  if (call.form === 'json') printJson(result.json);
  else printLine(result.text);
}

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === 'refused';
}
