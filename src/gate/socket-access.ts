/**
 * Who may connect to a socket of `gatehouse serve`, by the modes of the socket and of the folders on its way. The account that runs `doctor`
 * is not the one that logs in: its own connection tells only whether somebody answers.
 */
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { shellWord } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';
import type { SocketReach } from './socket-path.ts';

export type AccessProblem = { readonly level: 'warn' | 'fail'; readonly text: string };

type Place = { readonly path: string; readonly stats: Stats; readonly bit: 'x' | 'w' };

/** Undefined: everybody who is meant to can connect. The folders have passed `refuseUnsafeSocketFolder`. */
export function accessProblem(path: string, reach: SocketReach): AccessProblem | undefined {
  const folders = ancestors(dirname(path)).map(
    (folder) => ({ path: folder, stats: lstatSync(folder), bit: 'x' }) as const,
  );
  const socket: Place = { path, stats: lstatSync(path), bit: 'w' };
  return reach === 'everybody' ? everybodysProblem([...folders, socket]) : hostsProblem(folders.at(-1), socket);
}

const BITS = { x: 0o1, w: 0o2 } as const;

function isOpenToOthers({ stats, bit }: Place): boolean {
  return (stats.mode & BITS[bit]) !== 0;
}

function isOpenToGroup({ stats, bit }: Place): boolean {
  return (stats.mode & (BITS[bit] << 3)) !== 0;
}

/** A group may be meant; root and the server alone are not. */
function everybodysProblem(onTheWay: readonly Place[]): AccessProblem | undefined {
  const closed = onTheWay.find((place) => !isOpenToOthers(place));
  if (closed === undefined) return undefined;
  const { path, stats, bit } = closed;
  const open = onTheWay.every((place) => isOpenToOthers(place) || isOpenToGroup(place));
  const who = open ? `the members of group ${stats.gid}` : 'root and the account of the server';
  const text = `Only ${who} can log in: ${path} is closed to others (mode ${modeText(stats)}). To open it: chmod o+${bit} ${shellWord(path)}`;
  return { level: open ? 'warn' : 'fail', text: inert(text) };
}

/** Hosts come in as members of the folder's group; closed to it, both are for hosts that run as root. */
function hostsProblem(folder: Place | undefined, socket: Place): AccessProblem | undefined {
  if (folder === undefined || !isOpenToGroup(folder)) return undefined;
  const { path } = socket;
  if (isOpenToOthers(socket) || (isOpenToGroup(socket) && socket.stats.gid === folder.stats.gid)) return undefined;
  const text =
    `Members of group ${folder.stats.gid} can enter ${folder.path}, and cannot connect to ${path} (group ${socket.stats.gid}, mode ` +
    `${modeText(socket.stats)}). Run: chgrp ${folder.stats.gid} ${shellWord(path)}; chmod g+w ${shellWord(path)}`;
  return { level: 'warn', text: inert(text) };
}

function modeText({ mode }: Stats): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** From the root down to the folder itself. */
function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}
