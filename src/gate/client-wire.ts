/**
 * What a server says, decoded and checked (docs/gate-protocol.md). Invariant: a line that is not exactly a message is none, and a grant is read out
 * of nothing but a whole `done` that says so.
 */

import {
  type Ask,
  DENIAL_REASONS,
  type Done,
  FIELDS,
  METHODS,
  type Message,
  type Notice,
  type Pair,
  type RecoveryNotice,
  UNAVAILABLE_REASONS,
} from '../core/login/message.ts';
import { type Fields, fieldsOf } from './json/line-fields.ts';

/** The first line of a server. */
export type Hello = {
  readonly type: 'hello';
  readonly protocol: number;
  readonly version: string;
  readonly fake: boolean;
};

/** Undefined: no line of this protocol. */
export function decodeServerLine(text: string): Hello | Message | undefined {
  const fields = fieldsOf(text);
  switch (fields?.type) {
    case 'hello':
      return helloOf(fields);
    case 'ask':
      return askOf(fields);
    case 'notice':
      return noticeOf(fields);
    case 'pair':
      return pairOf(fields);
    case 'done':
      return doneOf(fields);
    default:
      return undefined;
  }
}

function helloOf({ protocol, version, fake }: Fields): Hello | undefined {
  if (!isCount(protocol) || typeof version !== 'string') return undefined;
  return { type: 'hello', protocol, version, fake: fake === true };
}

function askOf({ id, field, label, secret, options }: Fields): Ask | undefined {
  const known = oneOf(FIELDS, field);
  if (!isCount(id) || known === undefined || typeof label !== 'string' || typeof secret !== 'boolean') return undefined;
  if (options !== undefined && !isTexts(options)) return undefined;
  // A password is hidden whatever the other side says.
  const hidden = secret || known === 'password' || known === 'new-password' || known === 'repeat-password';
  return { type: 'ask', id, field: known, label, secret: hidden, ...(options === undefined ? {} : { options }) };
}

function noticeOf({ level, text, codes }: Fields): Notice | RecoveryNotice | undefined {
  const known = oneOf(['info', 'warning', 'error'] as const, level);
  if (known === undefined || typeof text !== 'string') return undefined;
  if (codes === undefined) return { type: 'notice', level: known, text };
  return isTexts(codes) ? { type: 'notice', level: known, text, codes } : undefined;
}

function pairOf({ label, user, uri, key, expiresInSeconds }: Fields): Pair | undefined {
  if (typeof label !== 'string' || typeof user !== 'string' || typeof uri !== 'string') return undefined;
  if (typeof key !== 'string' || !isCount(expiresInSeconds)) return undefined;
  return { type: 'pair', label, user, uri, key, expiresInSeconds };
}

function doneOf(fields: Fields): Done | undefined {
  const { nonce, retryAfterSeconds, user, paired } = fields;
  if (nonce !== undefined && typeof nonce !== 'string') return undefined;
  const echo = nonce === undefined ? {} : { nonce };
  if (fields.outcome === 'granted') {
    const method = oneOf(METHODS, fields.method);
    if (method === undefined || typeof user !== 'string' || user === '' || typeof paired !== 'boolean')
      return undefined;
    return { type: 'done', outcome: 'granted', user, method, paired, ...echo };
  }
  const outcome = oneOf(['denied', 'cancelled', 'unavailable'] as const, fields.outcome);
  const reason = oneOf([...DENIAL_REASONS, ...UNAVAILABLE_REASONS, 'cancelled'] as const, fields.reason);
  if (outcome === undefined || reason === undefined) return undefined;
  const wait = isCount(retryAfterSeconds) ? { retryAfterSeconds } : {};
  return { type: 'done', outcome, reason, ...wait, ...echo };
}

function oneOf<const Known extends string>(known: readonly Known[], value: unknown): Known | undefined {
  return known.find((word) => word === value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
