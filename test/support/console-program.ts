/** The console as a program of its own: `node program.mjs CONFIG [USER]`. Ends with the console's status. */
import { beginLogin } from '../../src/core/login/begin-login.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { loginWorld } from '../../src/gate/login-world.ts';
import { openConsole } from '../../src/tui/open-console.tsx';

const [, , path = 'config.ini', user] = process.argv;
process.exitCode = 70;
const facility = await openFacility(readConfigFile(path).config);
const status = await openConsole({
  facility,
  gateOf: (live) => ({ begin: (begin) => beginLogin(loginWorld(live), begin) }),
  configFile: path,
  terminal: { input: process.stdin, fd: 0, output: process.stdout, environment: process.env },
  ...(user === undefined ? {} : { user }),
});
await facility.close();
process.exitCode = status;
