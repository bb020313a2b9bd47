/** What a host may say in the JSON conversation (docs/gate-protocol.md), decoded and checked. Unknown fields are passed over. */

import type { LoginOptions } from '../../core/login/begin-login.ts';
import { type Fields, fieldsOf } from './line-fields.ts';

export type ClientLine =
  | { readonly type: 'begin'; readonly begin: LoginOptions }
  | { readonly type: 'answer'; readonly id: number; readonly value: string }
  | { readonly type: 'cancel' };

/** Code of a line that is none of them; the sentence is `LINE_PROBLEM_TEXT`. */
export type LineProblem = 'not-json' | 'unknown-type' | 'wrong-field' | 'too-long' | 'not-text';

export type Decoded =
  | { readonly kind: 'line'; readonly line: ClientLine }
  | { readonly kind: 'problem'; readonly problem: LineProblem };

export function decodeClientLine(text: string): Decoded {
  const fields = fieldsOf(text);
  if (fields === undefined) return problem('not-json');
  switch (fields.type) {
    case 'begin':
      return decodeBegin(fields);
    case 'answer':
      if (!Number.isSafeInteger(fields.id) || typeof fields.value !== 'string') return problem('wrong-field');
      return { kind: 'line', line: { type: 'answer', id: Number(fields.id), value: fields.value } };
    case 'cancel':
      return { kind: 'line', line: { type: 'cancel' } };
    default:
      return problem('unknown-type');
  }
}

export const LINE_PROBLEM_TEXT: Readonly<Record<LineProblem, string>> = {
  'not-json': 'That line is not one JSON object.',
  'unknown-type': 'That line has no known type: begin, answer and cancel are understood.',
  'wrong-field': 'A field of that line has the wrong type or length.',
  'too-long': 'That line is too long: 65536 bytes are the most.',
  'not-text': 'That line is not UTF-8 text.',
};

/** Longest user name, terminal and nonce that a begin may have, in UTF-16 units. */
const LONGEST_FIELD = 256;

function decodeBegin(fields: Fields): Decoded {
  const begin: { user?: string; terminal?: string; nonce?: string } = {};
  for (const name of ['user', 'terminal', 'nonce'] as const) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' || value.length > LONGEST_FIELD) return problem('wrong-field');
    begin[name] = value;
  }
  const { recoveryCodes, passwordChecked } = fields;
  if (!isFlag(recoveryCodes) || !isFlag(passwordChecked)) return problem('wrong-field');
  // Whose password was checked has to be said.
  if (passwordChecked === true && begin.user === undefined) return problem('wrong-field');
  const options: LoginOptions = {
    ...begin,
    ...(recoveryCodes === true ? { recoveryCodes: 'offered' } : {}),
    ...(passwordChecked === true ? { password: 'checked-by-host' } : {}),
  };
  return { kind: 'line', line: { type: 'begin', begin: options } };
}

function isFlag(value: unknown): value is boolean | null | undefined {
  return value === undefined || value === null || typeof value === 'boolean';
}

function problem(code: LineProblem): Decoded {
  return { kind: 'problem', problem: code };
}
