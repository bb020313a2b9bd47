/** Restores a backup again and again until it is killed: `node restore-for-ever.ts CONFIG BACKUP`. A line for each that is through. */
import { readConfigFile } from '../../../../src/core/node/config-file.ts';
import { restore } from '../../../../src/core/node/restore.ts';
import { shellActor } from '../../../../src/core/roles.ts';

const [config = '', file = ''] = process.argv.slice(2);
for (let times = 1; ; times += 1) {
  await restore({ config: readConfigFile(config).config, actor: shellActor('tester'), file, unknown: 'refuse' });
  process.stdout.write(`${times}\n`);
}
