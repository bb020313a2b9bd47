/**
 * What an administrator does for one user's two-factor: show the QR code, deactivate, hand out one-time and recovery codes.
 * Invariant: a secret or code leaves here only after the transaction that made or read it, and recorded who asked for it, is committed.
 */
import { pairingBinding } from '../binding.ts';
import type { Mode } from '../config/model.ts';
import { keyUri, SECRET_BYTES, typedKey } from '../key-uri.ts';
import type { User } from '../ports.ts';
import { generateOneTimeCode, generateRecoveryCodes } from '../recovery-code.ts';
import type { Actor } from '../roles.ts';
import { sealCodes } from '../stored-code.ts';
import { ONE_TIME_CODE_MS } from '../two-factor.ts';
import type { EpochMs, UserId } from '../user.ts';
import { inert } from '../visible-text.ts';
import { pairingOf } from './new-pairing.ts';
import { type DirectoryParts, noSuchUser, reach, storeOf } from './parts.ts';
import { type Refusal, refusal } from './refusal.ts';

export type ShownQr = {
  readonly kind: 'shown';
  readonly user: User;
  readonly label: string;
  /** The key URI, for a QR code. */
  readonly uri: string;
  /** The same secret to be typed: base32 in groups of four. */
  readonly key: string;
  /** `new`: the secret was made just now. `same`: the one that the user may have in an app already. */
  readonly secret: 'new' | 'same';
};

/** Show QR Code (FAQ): makes the secret of a user who has none yet, shows the same one again to a user who has. */
export async function showQr(parts: DirectoryParts, actor: Actor, id: UserId): Promise<ShownQr | Refusal> {
  const reached = await reach(parts, { actor, permission: 'show-qr', id });
  if (reached.kind === 'refused') return reached;
  const { user } = reached;
  const label = labelOf(parts.config.mode);
  if (label === undefined) return noLabel();
  const outcome = await storeOf(parts, actor).issueByAdmin({
    userId: id,
    pairing: pairingOf(parts, id, parts.random.bytes(SECRET_BYTES)),
  });
  if (!('pairing' in outcome)) return outcome.kind === 'off' ? twoFactorOff(user) : noSuchUser();
  const secret = parts.secretBox.open(outcome.pairing.sealedSecret, pairingBinding(id, outcome.pairing.id));
  const uri = keyUri({ label, user: user.name, secret });
  const key = typedKey(secret);
  secret.fill(0);
  return {
    kind: 'shown',
    user,
    label,
    uri,
    key,
    secret: outcome.kind === 'issued' ? 'new' : 'same',
  };
}

export type Deactivated = { readonly kind: 'deactivated' | 'already-off'; readonly user: User };

/** Destroys secret, recovery and one-time codes. Cannot be undone; requiring two-factor again makes another secret. */
export async function deactivate(parts: DirectoryParts, actor: Actor, id: UserId): Promise<Deactivated | Refusal> {
  const reached = await reach(parts, { actor, permission: 'manage-two-factor', id });
  if (reached.kind === 'refused') return reached;
  const outcome = await storeOf(parts, actor).deactivate(id);
  if (outcome === 'gone') return noSuchUser();
  return { kind: outcome, user: reached.user };
}

export type OneTimeCodeMade = {
  readonly kind: 'made';
  readonly user: User;
  readonly code: string;
  readonly expiresAt: EpochMs;
};

/** A code that stands in for the phone once, within an hour. A new one replaces the one before. */
export async function makeOneTimeCode(
  parts: DirectoryParts,
  actor: Actor,
  id: UserId,
): Promise<OneTimeCodeMade | Refusal> {
  const reached = await reach(parts, { actor, permission: 'one-time-code', id });
  if (reached.kind === 'refused') return reached;
  const { user } = reached;
  const code = generateOneTimeCode(parts.random);
  const expiresAt = parts.clock.now() + ONE_TIME_CODE_MS;
  const [sealed] = await sealCodes({ ...sealing(parts, id), table: 'one-time', codes: [code], expiresAt });
  if (!sealed) throw new Error('one code in, one sealed code out');
  const outcome = await storeOf(parts, actor).putOneTimeCode({ userId: id, code: sealed });
  if (outcome === 'gone') return noSuchUser();
  if (outcome === 'off') return twoFactorOff(user);
  return { kind: 'made', user, code, expiresAt };
}

export type RecoveryCodesMade = { readonly kind: 'made'; readonly user: User; readonly codes: readonly string[] };

/** Ten recovery codes, each good once; those made before are void. */
export async function makeRecoveryCodes(
  parts: DirectoryParts,
  actor: Actor,
  id: UserId,
): Promise<RecoveryCodesMade | Refusal> {
  const reached = await reach(parts, { actor, permission: 'manage-two-factor', id });
  if (reached.kind === 'refused') return reached;
  const { user } = reached;
  const codes = generateRecoveryCodes(parts.random);
  const sealed = await sealCodes({ ...sealing(parts, id), table: 'recovery', codes, expiresAt: null });
  const outcome = await storeOf(parts, actor).replaceRecoveryCodes({ userId: id, codes: sealed });
  if (outcome === 'not-paired') {
    return refusal(
      'not-paired',
      `${inert(user.name)} has no paired device yet.`,
      'Recovery codes are made once a right code has paired the device. Until then, make a one-time code.',
    );
  }
  return { kind: 'made', user, codes };
}

/** The label that new QR codes carry, or undefined where config.ini gives none. */
function labelOf(mode: Mode | undefined): string | undefined {
  return mode === undefined || mode.kind === 'off' ? undefined : mode.label;
}

function noLabel(): Refusal {
  return refusal(
    'no-label',
    'A QR code needs the label of the system, and config.ini has none: its 2FA setting is missing or Off.',
    'gatehouse config set 2FA "Auto:<facility and system>"',
  );
}

function twoFactorOff(user: User): Refusal {
  return refusal('two-factor-off', `Two-factor is off for ${inert(user.name)}.`, 'Require 2FA for this user first.');
}

function sealing(parts: DirectoryParts, userId: UserId) {
  return { box: parts.secretBox, random: parts.random, userId };
}
