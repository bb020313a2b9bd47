/** Changes one setting as `gatehouse config set` does; killed at the N-th call on the file (0: never). */
import { setInConfig } from '../../../../src/core/config/edit.ts';
import { changeConfigFile } from '../../../../src/core/node/config-change.ts';
import { type FileCalls, NODE_FILE_CALLS } from '../../../../src/core/node/durable-write.ts';

const [file = '', key = '', value = '', nth = '0'] = process.argv.slice(2);
let left = Number(nth);

/** Killed before the call: what was called before is done. */
async function count(): Promise<void> {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const calls: FileCalls = {
  open: (...args) => count().then(() => NODE_FILE_CALLS.open(...args)),
  write: (...args) => count().then(() => NODE_FILE_CALLS.write(...args)),
  size: (...args) => count().then(() => NODE_FILE_CALLS.size(...args)),
  fsync: (...args) => count().then(() => NODE_FILE_CALLS.fsync(...args)),
  rename: (...args) => count().then(() => NODE_FILE_CALLS.rename(...args)),
  unlink: (...args) => count().then(() => NODE_FILE_CALLS.unlink(...args)),
  close: (...args) => count().then(() => NODE_FILE_CALLS.close(...args)),
};

const { edited } = await changeConfigFile(file, {
  actor: { name: 'os:tester', role: 'admin' },
  settings: [key],
  edit: (source) => setInConfig(source, { key, value }),
  calls,
});
process.exitCode = edited.kind === 'edited' ? 0 : 1;
