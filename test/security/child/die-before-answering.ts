/** A gate that the kernel kills between the count of a failure and its answer: as the record of it is about to be written. */
import { beginLogin } from '../../../src/core/login/begin-login.ts';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { loginWorld } from '../../../src/gate/login-world.ts';

const [file = '', user = '', password = '', code = ''] = process.argv.slice(2);
const facility = await openFacility(readConfigFile(file).config);
const world = loginWorld({
  ...facility,
  audit: {
    async append({ event }) {
      if (event === 'code.wrong' || event === 'password.wrong') process.kill(process.pid, 'SIGKILL');
    },
  },
});
const conversation = beginLogin(world, { user });
await conversation.start();
await conversation.answer(1, password);
await conversation.answer(2, code);
console.log('answered');
