/** What the operating system says about a file, as a sentence and a next step. Never a stack trace, never the file's contents. */
import { readFileSync } from 'node:fs';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';

/** `doing`: what was tried, as the beginning of a sentence: "The database /x could not be read". */
export function fileFault(doing: string, cause: unknown): Fault {
  const code = errnoOf(cause);
  const known = WORDS[code ?? ''];
  const why = known?.why ?? code ?? 'unknown reason';
  return new Fault('unavailable', `${inert(doing)}: ${why}.`, {
    cause,
    hint: known?.hint ?? 'Look at the disk and the folder, then try again.',
  });
}

/** `ENOENT` and its like; undefined where the thrown thing is no system error. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** A path as a word of a shell command. */
export function shellWord(path: string): string {
  return /^[\w./+@%-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** An account in a sentence: `root`, `gatehouse (uid 990)`, or its number where /etc/passwd does not know it. */
export function accountText(uid: number): string {
  const name = accountName(uid);
  if (name === undefined) return `uid ${uid}`;
  return uid === 0 ? name : `${name} (uid ${uid})`;
}

/** An account as a word of a chown command. */
export function accountWord(uid: number): string {
  return shellWord(accountName(uid) ?? String(uid));
}

/** The hint for files that rightly belong to another account: it changes nothing that a service may rely on. */
export function runAsHint(owner: number): string {
  const as = owner === 0 ? 'sudo' : `sudo -u ${shellWord(accountName(owner) ?? `#${owner}`)}`;
  return `Run Gatehouse as that account: ${as} gatehouse ...`;
}

function accountName(uid: number): string | undefined {
  const lines = attempt(() => readFileSync('/etc/passwd', 'utf8'))?.split('\n') ?? [];
  return lines.map((line) => line.split(':')).find(([, , id]) => id === String(uid))?.[0];
}

const WORDS: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  ENOENT: {
    why: 'there is no such file',
    hint: 'Check the path in config.ini, or make a facility with `gatehouse init`.',
  },
  EACCES: { why: 'this account may not', hint: 'Run Gatehouse as the account that owns its files.' },
  EPERM: { why: 'this account may not', hint: 'Run Gatehouse as the account that owns its files.' },
  EROFS: { why: 'the file system is read-only', hint: 'Mount it writable, or move the folder.' },
  ENOSPC: { why: 'no space is left on the disk', hint: 'Make room on the disk; nothing was changed.' },
  EDQUOT: { why: 'the disk quota is used up', hint: 'Make room, or raise the quota; nothing was changed.' },
  EFBIG: { why: 'the file would be too big', hint: 'Raise the file size limit (ulimit -f); nothing was changed.' },
  EIO: { why: 'the disk reports an error', hint: 'Look at the disk (dmesg) before you go on.' },
  EMFILE: { why: 'too many files are open', hint: 'Raise the limit of open files (ulimit -n).' },
  ENFILE: { why: 'too many files are open', hint: 'Raise the limit of open files of this machine.' },
  ENOTDIR: { why: 'part of the path is no folder', hint: 'Check the path in config.ini.' },
  EISDIR: { why: 'it is a folder', hint: 'Check the path in config.ini.' },
};
