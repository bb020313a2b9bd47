/**
 * Invariant: whoever calls changes nothing of this Node by the environment, and the command behind the gate sees none of that either. Options of
 * Node and OpenSSL's configuration are ignored by the executable (tools/standalone); what else Node reads before the first line of
 * JavaScript is undone by beginning again, in the same process.
 */

import { loginWords, parseLogin } from '../cli/login-arguments.ts';
import { EXIT_STATUS } from '../core/errors.ts';

/** The names that bin/gatehouse drops, read there when the executable is built. */
declare const DROPPED_NAMES: readonly string[];

/** Those that Node has followed already: they bring compiled code, certificates and data of the caller's, or write files and noise. */
const FOLLOWED_NAMES: readonly string[] = [
  'NODE_COMPILE_CACHE',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_ICU_DATA',
  'NODE_REDIRECT_WARNINGS',
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'NODE_V8_COVERAGE',
];

/** Comes back in a process that is clean, or not at all. `words` is what stands behind the program's name. */
export function startClean(words: readonly string[]): void {
  const { env, execPath, argv0 } = process;
  const followed = FOLLOWED_NAMES.filter((name) => env[name] !== undefined);
  // Node has opened the channel and dropped the name.
  if (process.channel !== undefined) followed.push('NODE_CHANNEL_FD');
  for (const name of [...DROPPED_NAMES, ...FOLLOWED_NAMES]) delete env[name];
  if (followed.length === 0) return;
  // It would be written to the caller's folder at the exec. Stopped so early, Node complains on stderr; that may be.
  if (followed.includes('NODE_V8_COVERAGE')) process.getBuiltinModule('node:v8').stopCoverage();
  if (process.execve === undefined || resultWouldBeLost(words)) refuse(followed);
  process.execve(execPath, [argv0, ...words], { ...env });
}

/** Node marks every descriptor that it finds: beyond the first three, none gets through an exec. */
function resultWouldBeLost(words: readonly string[]): boolean {
  const parsed = parseLogin(loginWords(words) ?? []);
  return parsed.kind === 'login' && (parsed.login.resultFd ?? 0) > 2;
}

function refuse(names: readonly string[]): never {
  process.stderr.write(
    `gatehouse: ${names.join(', ')} must not be set here: to drop it the program begins anew, which loses the descriptor of --result-fd.\n` +
      `  env${names.map((name) => ` -u ${name}`).join('')} gatehouse login ...\n`,
  );
  process.exit(EXIT_STATUS.unavailable);
}
