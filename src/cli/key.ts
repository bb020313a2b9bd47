/** gatehouse key check | rotate: the key file that seals the secrets. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { EXIT_STATUS } from '../core/errors.ts';
import { rotateKey } from '../core/key-rotation.ts';
import { checkSeals } from '../core/node/seal-check.ts';
import { type Call, callOf, printResult, withFacility } from './call.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';

const ROTATE_HELP =
  'Log-ons go on meanwhile. It takes about 20 seconds: the old key leaves the file only when nothing can be sealed under it any more. Killed in between, the next call goes on from there. Afterwards back up the key file, and the database: backups made before need the old key.';

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('the key that seals the secrets: check, rotate');
  key
    .command('check')
    .description('try whether the key file opens every secret')
    .addHelpText('after', helpText({ examples: ['gatehouse key check'] }))
    .action(async (_options: object, command: Command) => check(callOf(command)));
  key
    .command('rotate')
    .description('make a new key, and seal every secret under it')
    .addHelpText('after', helpText({ paragraph: ROTATE_HELP, examples: ['gatehouse key rotate'] }))
    .action(async (_options: object, command: Command) => rotate(callOf(command)));
}

async function check(call: Call): Promise<void> {
  await withFacility(call, async ({ facility }) => {
    const { keyId, opened, broken } = await checkSeals(facility);
    const ok = broken === 0;
    const text = ok
      ? `The key ${keyId} is in use; all ${opened} sealed values open.`
      : `${broken} sealed values do not open, ${opened} do.`;
    printResult(call, { text, json: { ok, keyId, opened, broken } });
    if (!ok) process.exitCode = EXIT_STATUS.unavailable;
  });
}

async function rotate(call: Call): Promise<void> {
  await withFacility(call, async ({ facility, actor }) => {
    const { store, keyFile, secretBox, clock } = facility;
    const { keyId, resealed } = await rotateKey({
      store: store.by({ actor: actor.name }),
      keys: keyFile,
      box: secretBox,
      clock,
      pause: (milliseconds) => pause(milliseconds),
      record: (rotation) =>
        store.by({ actor: actor.name }).record({
          event: 'key.rotated',
          detail: rotation.keyId,
          count: rotation.resealed,
        }),
      onProgress: (progress) => {
        if (progress.stage === 'waiting')
          remark(`Waiting ${progress.seconds} seconds for log-ons that began under the old key.`);
      },
    });
    printResult(call, {
      text: `The key ${keyId} seals from now on; ${resealed} values were sealed again.`,
      json: { keyId, resealed },
    });
  });
}
