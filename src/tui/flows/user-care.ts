/** What an admin does for one user: each step asks where it cannot be taken back, and says what it did. */
import type { User } from '../../core/ports.ts';
import { timeText } from '../date-text.ts';
import { accepted, type Desk, isRefusal } from '../desk.ts';
import { confirm } from '../dialogues/confirm.tsx';
import { fillIn } from '../dialogues/form.tsx';
import { tell } from '../dialogues/tell.tsx';
import { askForName } from '../dialogues/typed-name.tsx';
import { openQr } from '../screens/qr-model.tsx';
import { PASSWORDS_DIFFER, passwordFields, passwordOf, passwordsDiffer, showInitialPassword } from './add-user.ts';

export async function deactivate(desk: Desk, user: User): Promise<void> {
  const yes = await askForName(desk, {
    title: 'Deactivate 2FA',
    name: user.name,
    deed: 'deactivate 2FA',
    body: {
      paragraphs: [
        `This cannot be undone. The secret of ${user.name} is destroyed, with all recovery and one-time codes: the account in the app stops working for good.`,
        'From then on the password alone is enough, until 2FA is required again; that makes a new secret and a new QR code.',
      ],
    },
  });
  if (!yes) return;
  const done = accepted(desk, await desk.act('Deactivating', (actor) => desk.directory.deactivate(actor, user.id)));
  if (done)
    desk.tell(
      done.kind === 'deactivated' ? `2FA of ${user.name} is deactivated.` : `2FA of ${user.name} was off already.`,
    );
}

/** Step-up first: whoever sees the QR code can make this user's codes from then on. */
export async function showQrCode(desk: Desk, user: User): Promise<void> {
  const reason = `The QR code of ${user.name} lets whoever sees it make this user's codes. Confirm with your own password and code.`;
  if ((await desk.stepUp(reason)) !== 'confirmed') return;
  const shown = accepted(desk, await desk.act('Opening the secret', (actor) => desk.directory.showQr(actor, user.id)));
  if (shown) desk.open(await openQr(desk, shown));
}

export async function makeOneTimeCode(desk: Desk, user: User): Promise<void> {
  const yes = await confirm(desk, {
    title: 'One-time code',
    deed: 'make a one-time code',
    body: {
      paragraphs: [
        `With a one-time code ${user.name} gets in once within the next hour, without a phone. Be sure that it is ${user.name} who asks.`,
        'A one-time code made before stops working.',
      ],
    },
  });
  if (!yes) return;
  const made = accepted(
    desk,
    await desk.act('Making a code', (actor) => desk.directory.makeOneTimeCode(actor, user.id)),
  );
  if (!made) return;
  await tell(desk, {
    title: `One-time code of ${user.name}`,
    secret: 'secret',
    body: {
      paragraphs: [
        `Good once, instead of the code from the phone, until ${timeText(made.expiresAt)}. It is not shown again.`,
      ],
      list: [made.code],
    },
  });
}

export async function makeRecoveryCodes(desk: Desk, user: User): Promise<void> {
  const yes = await confirm(desk, {
    title: 'Recovery codes',
    deed: 'make new recovery codes',
    body: { paragraphs: [`Ten new recovery codes for ${user.name}. Those made before stop working.`] },
  });
  if (!yes) return;
  const made = accepted(
    desk,
    await desk.act('Making codes', (actor) => desk.directory.makeRecoveryCodes(actor, user.id)),
  );
  if (!made) return;
  await tell(desk, {
    title: `Recovery codes of ${user.name}`,
    secret: 'secret',
    body: {
      paragraphs: ['Each is good once, instead of the code from the phone. They are not shown again.'],
      list: made.codes,
    },
  });
}

export async function setPassword(desk: Desk, user: User): Promise<void> {
  let made: string | undefined;
  const end = await fillIn(desk, {
    title: `Password of ${user.name}`,
    intro: 'A new password does not go around two-factor: the code is asked as before.',
    deed: 'Set password',
    fields: passwordFields,
    async send(values) {
      if (passwordsDiffer(values)) return PASSWORDS_DIFFER;
      const password = passwordOf(values);
      const outcome = await desk.act('Setting the password', (actor) =>
        desk.directory.setPassword(actor, { id: user.id, password }),
      );
      if (outcome === undefined) return '';
      if (isRefusal(outcome)) return [outcome.text, outcome.hint ?? ''].join(' ').trim();
      made = outcome.initialPassword;
      return 'done';
    },
  });
  if (end === 'given-up') return;
  if (made === undefined) desk.tell(`The password of ${user.name} is set.`);
  else await showInitialPassword(desk, user.name, made);
}

export async function unlock(desk: Desk, user: User): Promise<void> {
  const done = accepted(desk, await desk.act('Unlocking', (actor) => desk.directory.unlockUser(actor, user.id)));
  if (done) desk.tell(`${user.name} may try again at once.`);
}

export async function disable(desk: Desk, user: User): Promise<void> {
  const yes = await confirm(desk, {
    title: 'Disable',
    tone: 'warning',
    deed: `disable ${user.name}`,
    body: {
      paragraphs: [
        `${user.name} cannot log on until the account is enabled again. Password and two-factor stay as they are.`,
      ],
    },
  });
  if (!yes) return;
  const done = accepted(desk, await desk.act('Disabling', (actor) => desk.directory.disableUser(actor, user.id)));
  if (done) desk.tell(`${user.name} is disabled.`);
}

export async function enable(desk: Desk, user: User): Promise<void> {
  const done = accepted(desk, await desk.act('Enabling', (actor) => desk.directory.enableUser(actor, user.id)));
  if (done) desk.tell(`${user.name} is enabled.`);
}

/** True where the user is gone. */
export async function remove(desk: Desk, user: User): Promise<boolean> {
  const yes = await askForName(desk, {
    title: 'Remove user',
    name: user.name,
    deed: 'remove this user',
    body: {
      paragraphs: [
        `This cannot be undone. The account of ${user.name} goes, with password, secret and codes. The audit trail stays.`,
      ],
    },
  });
  if (!yes) return false;
  const done = accepted(desk, await desk.act('Removing', (actor) => desk.directory.removeUser(actor, user.id)));
  if (done) desk.tell(`${user.name} is removed.`);
  return done !== undefined;
}
