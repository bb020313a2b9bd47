/**
 * The form over a fake conversation, as a program of its own: `node form-program.mjs '<FakeWorld as JSON>'`. Once it has heard an
 * answer and asked again, it says so in the terminal's title. Its last line is `ENDED` and, as JSON, the verdict and what it
 * heard; it ends with the verdict's status.
 */
import { exitStatusOf } from '../../src/core/login/message.ts';
import { runInkGate } from '../../src/gate/ink/ink-gate.ts';
import { type FakeWorld, fakeLogin } from './fake-login.ts';

export type FormProgramWorld = FakeWorld & { readonly qrSeconds?: number; readonly timeoutSeconds?: number };

const world: FormProgramWorld = JSON.parse(process.argv[2] ?? '{}');
const heard: string[] = [];
process.exitCode = 77;
const login = fakeLogin({ ...world, heard });
const done = await runInkGate({
  conversation: {
    ...login,
    warm() {},
    async answer(id, value) {
      const reply = await login.answer(id, value);
      setImmediate(() => process.stdout.write(`\x1b]2;heard ${heard.length}\x07`));
      return reply;
    },
  },
  input: { stream: process.stdin, fd: 0 },
  output: process.stdout,
  environment: process.env,
  settings: { qr: 'auto', colour: 'auto', qrSeconds: world.qrSeconds ?? 120 },
  timeoutSeconds: world.timeoutSeconds ?? 120,
  mode: { kind: 'auto', label: world.label ?? 'St Elsewhere LIVE' },
  givenName: world.givenName,
});
process.stdout.write(`ENDED ${JSON.stringify({ done, heard })}\n`);
process.exit(exitStatusOf(done));
