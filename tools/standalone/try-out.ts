/** The new executable has to run, and to ignore NODE_OPTIONS: a Node that does not know `execArgvExtension` would make one that obeys. */
import { spawnSync } from 'node:child_process';
import packageJson from '../../package.json' with { type: 'json' };

export function tryOut(executable: string): void {
  const environment = { NODE_OPTIONS: '--no-such-option' };
  const { status, stdout, stderr } = spawnSync(executable, ['--version'], {
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status === 0 && stdout === `${packageJson.version}\n`) return;
  throw new Error(`What was built does not work (status ${status}; Node ${process.versions.node}): ${stdout}${stderr}`);
}
