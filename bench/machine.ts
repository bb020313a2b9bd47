/** Where the figures come from. */
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

export function machineText(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const load = loadavg().map((number) => number.toFixed(1));
  return (
    `${processors.length} × ${model}, ${memoryGiB} GiB; ${systemName()} (${platform()} ${release()}, ${arch()}); ` +
    `Node ${process.versions.node}; load ${load.join(' ')}`
  );
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown system';
  } catch {
    return 'unknown system';
  }
}
