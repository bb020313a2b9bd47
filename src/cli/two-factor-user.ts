/** gatehouse 2fa qr | deactivate | one-time | recovery: one user's two-factor. */
import { type Command, Option } from 'commander';
import { isoTime } from '../core/directory/user-summary.ts';
import { shellWord } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';
import { accepted, type Call, callOf, namedUser, printResult, withFacility } from './call.ts';
import { consent } from './consent.ts';
import { helpText } from './help-text.ts';
import { remark } from './output.ts';
import { putQr, QR_FORMATS, type QrFormat, refuseQrPlace } from './put-qr.ts';

type QrOptions = { readonly format?: QrFormat; readonly out?: string };

const QR_HELP =
  "Shows the QR code of a user whose two-factor is required, and makes the secret where there is none yet. Later calls show the same secret again, for a further device. Whoever sees the QR code can make the user's codes: files are written with mode 0600.";

export function addTwoFactorUserCommands(twoFactor: Command): void {
  twoFactor
    .command('qr')
    .argument('<name>', 'user name')
    .description("show a user's QR code, or write it to a file")
    .addOption(
      new Option('--format <format>', 'how to show it; by the name of --out, else terminal').choices(QR_FORMATS),
    )
    .option('--out <file>', 'a file that is not there yet')
    .addHelpText(
      'after',
      helpText({
        paragraph: QR_HELP,
        examples: ['gatehouse 2fa qr alice', 'gatehouse 2fa qr alice --format pdf --out alice.pdf'],
      }),
    )
    .action(async (name: string, options: QrOptions, command: Command) => qr(callOf(command), name, options));
  twoFactor
    .command('deactivate')
    .argument('<name>', 'user name')
    .description("destroy a user's secret and codes for good; for lost and stolen phones")
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      helpText({ examples: ['gatehouse 2fa deactivate alice --yes', 'gatehouse 2fa require alice'] }),
    )
    .action(async (name: string, options: { yes?: boolean }, command: Command) =>
      deactivate(callOf(command), name, options),
    );
  twoFactor
    .command('one-time')
    .argument('<name>', 'user name')
    .description('make a code that stands in for the phone once, within an hour')
    .addHelpText('after', helpText({ examples: ['gatehouse 2fa one-time alice'] }))
    .action(async (name: string, _options: object, command: Command) => oneTime(callOf(command), name));
  twoFactor
    .command('recovery')
    .argument('<name>', 'user name')
    .description('make ten recovery codes, each good once; those before are void')
    .addHelpText('after', helpText({ examples: ['gatehouse 2fa recovery alice'] }))
    .action(async (name: string, _options: object, command: Command) => recovery(callOf(command), name));
}

async function qr(call: Call, name: string, options: QrOptions): Promise<void> {
  const place = refuseQrPlace(call, options);
  await withFacility(call, async ({ facility, directory, actor }) => {
    const user = await namedUser(directory, name);
    const shown = accepted(await directory.showQr(actor, user.id));
    await putQr({ call, place, shown, terminal: facility.config.terminal, now: facility.clock.now() });
  });
}

async function deactivate(call: Call, name: string, options: { readonly yes?: boolean }): Promise<void> {
  await withFacility(call, async ({ directory, actor }) => {
    const user = await namedUser(directory, name);
    await consent(
      `The secret, recovery and one-time codes of ${inert(user.name)} will be destroyed; this cannot be undone.`,
      options,
    );
    const { kind } = accepted(await directory.deactivate(actor, user.id));
    const text =
      kind === 'already-off'
        ? `Two-factor was off for ${inert(user.name)} already.`
        : `Two-factor is off for ${inert(user.name)}: the old codes never work again.`;
    if (kind === 'deactivated')
      remark(
        `The password alone is enough now. To require two-factor again: gatehouse 2fa require ${shellWord(inert(user.name))}`,
      );
    printResult(call, { text, json: { name: user.name, twoFactor: 'off', deactivated: kind === 'deactivated' } });
  });
}

async function oneTime(call: Call, name: string): Promise<void> {
  await withFacility(call, async ({ directory, actor }) => {
    const user = await namedUser(directory, name);
    const made = accepted(await directory.makeOneTimeCode(actor, user.id));
    const expiresAt = isoTime(made.expiresAt);
    const text = `${made.code}\nFor ${inert(user.name)}, in place of the code of the app: once, before ${expiresAt}.`;
    printResult(call, { text, json: { code: made.code, expiresAt } });
  });
}

async function recovery(call: Call, name: string): Promise<void> {
  await withFacility(call, async ({ directory, actor }) => {
    const user = await namedUser(directory, name);
    const { codes } = accepted(await directory.makeRecoveryCodes(actor, user.id));
    const text = `${codes.join('\n')}\nFor ${inert(user.name)}, in place of the code of the app: each once. They are not shown again.`;
    printResult(call, { text, json: { codes } });
  });
}
