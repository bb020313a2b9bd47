/**
 * Native code out of the single-file program. The loader of the system takes files alone, so it's put into one for the moment. Invariant: what is
 * opened was written just before by this process, into a new folder that only its account may enter, in a place where nobody else can
 * put another one under its name; the place is never one that the environment names; and it is gone as soon as it is open.
 */
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Fault } from '../errors.ts';

/** Memory first: nothing is written to a disk then. */
const PLACES = ['/dev/shm', '/tmp', '/var/tmp'] as const;

/** What the addon exports. Undefined where this is no single-file program, or one without this addon. Faults: `unavailable`. */
export function packedAddon(file: string): unknown {
  const opened = OPENED.get(file);
  if (opened !== undefined) return opened;
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea() || !sea.getAssetKeys().includes(file)) return undefined;
  const exported = openSomewhere(new Uint8Array(sea.getRawAsset(file)));
  OPENED.set(file, exported);
  return exported;
}

const OPENED = new Map<string, unknown>();

function openSomewhere(code: Uint8Array): unknown {
  const problems: string[] = [];
  for (const place of PLACES) {
    try {
      return openIn(place, code);
    } catch (thrown) {
      problems.push(`${place}: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }
  throw new Fault('unavailable', `The native code of this program can be run from none of ${PLACES.join(', ')}.`, {
    hint: 'Mount one of them without noexec, with room for 1 MB, for the account that runs Gatehouse; or install the npm package.',
    cause: new Error(problems.join('; ')),
  });
}

function openIn(place: string, code: Uint8Array): unknown {
  refuseUnsafe(place);
  const folder = mkdtempSync(`${place}/gatehouse-native-`);
  try {
    const path = `${folder}/addon.node`;
    writeFileSync(path, code, { flag: 'wx', mode: 0o600 });
    const addon = { exports: {} };
    process.dlopen(addon, path);
    return addon.exports;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where others may write, the sticky bit has to keep them from renaming what is ours (as in every /tmp). */
function refuseUnsafe(place: string): void {
  const { uid, mode } = lstatSync(place);
  const mine = uid === 0 || uid === process.getuid?.();
  const kept = (mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0;
  if (!mine || !kept) throw new Error('others could change what is in it');
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;
