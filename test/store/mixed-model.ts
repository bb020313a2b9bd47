/** What the mixed writers do, as outcomes that add up: whatever order they came in, the end must fit their sum. */
import type { CodeClaim } from '../../src/core/ports.ts';
import { RULES } from '../store-contract/people.ts';

export const PEOPLE = ['alice', 'bob', 'carol'] as const;
export const CODE_NAMES = Array.from({ length: 10 }, (_, number) => `r${number}`);
/** Nobody is locked out, so each wrong attempt is counted. */
export const MANY_FAILURES = { ...RULES, passwordFailures: 1e6, codeFailures: 1e6, hardLimit: 1e6 };

export type MixedOutcome =
  | { readonly what: 'claim'; readonly name: string; readonly step: number; readonly kind: CodeClaim['kind'] }
  | { readonly what: 'edit'; readonly name: string; readonly kind: 'edited' | 'gone' | 'conflict' | 'last-admin' }
  | { readonly what: 'recover'; readonly name: string; readonly codeId: string; readonly kind: CodeClaim['kind'] }
  | { readonly what: 'password'; readonly name: string }
  | { readonly what: 'add'; readonly name: string; readonly kind: 'added' | 'taken' };
