/** What an event of the audit trail means, for somebody who reads it the first time. PURE. */
import type { AuditEventName } from '../core/audit-event.ts';
import type { AuditFinding } from '../core/node/audit-record.ts';

export const EVENT_WORDS: Readonly<Record<AuditEventName, string>> = {
  'login.granted': 'Logged on.',
  'login.denied': 'A log-on ended without entry.',
  'login.cancelled': 'A log-on was given up.',
  'login.unavailable': 'A log-on failed because Gatehouse itself could not go on; nobody was let in.',
  'login.deferred': 'Put pairing off until later, as long as the date allows.',
  'password.wrong': 'A wrong password was given.',
  'password.locked': 'A password was given while the account had to wait.',
  'password.changed': 'Changed the own password.',
  'code.wrong': 'A wrong code was given.',
  'code.reused': 'A code was given that had been accepted before; it was refused.',
  'code.locked': 'A code was given while the account had to wait.',
  'pairing.issued': 'A new secret was made.',
  'pairing.imported': 'The secret of another system was imported.',
  'pairing.confirmed': 'A phone was paired by its first right code.',
  'pairing.shown': 'The QR code was shown.',
  'recovery.used': 'A recovery code was used up.',
  'recovery.made': 'New recovery codes were made; the old ones are dead.',
  'one-time.used': 'A one-time code was used up.',
  'one-time.made': 'A one-time code was made.',
  'two-factor.required': 'Two-factor was required.',
  'two-factor.deactivated': 'Two-factor was deactivated; secret and codes were destroyed.',
  'user.added': 'A user was added.',
  'user.imported': 'Users were imported.',
  'user.exported': 'Users were exported.',
  'user.edited': 'A user was edited.',
  'user.disabled': 'A user was disabled.',
  'user.enabled': 'A user was enabled again.',
  'user.unlocked': 'A user was unlocked.',
  'user.removed': 'A user was removed.',
  'user.password-set': 'An administrator set a password.',
  'config.changed': 'A setting of config.ini was changed.',
  'key.rotated': 'The key was rotated.',
  'store.backup': 'A backup was made.',
  'store.restored': 'A backup was restored.',
  'store.migrated': 'The facility was moved to another store engine.',
  'facility.created': 'The facility was set up.',
  'console.signed-in': 'Signed in to the console.',
};

export const FINDING_WORDS: Readonly<Record<AuditFinding, string>> = {
  'torn-record': 'Before it stands a piece of a record that its writer never finished.',
  'head-lost': 'The head of the trail was gone here: records before it may have been cut off.',
};
