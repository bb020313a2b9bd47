/** What a broken machine means to the person who logs in: one of four reasons, and words only where they help. */
import { type FaultCode, toFault } from '../errors.ts';
import type { UnavailableReason } from './message.ts';

export type Unavailable = { readonly reason: UnavailableReason; readonly text?: string };

/** For something thrown. What is wrong in config.ini is said; paths of key and database are for `gatehouse doctor`. */
export function unavailableBecause(thrown: unknown): Unavailable {
  const fault = toFault(thrown);
  const reason = reasonOf(fault.code);
  return reason === 'configuration' ? { reason, text: fault.message } : { reason };
}

function reasonOf(code: FaultCode): UnavailableReason {
  if (code === 'busy' || code === 'configuration' || code === 'internal') return code;
  return 'unavailable';
}
