/** What a broken machine means to the person who logs in: one of four reasons, and words only where they help. */
import { type FaultCode, toFault } from '../errors.ts';
import type { UnavailableReason } from './message.ts';
import type { NoticeCode } from './wording.ts';

export type Unavailable = {
  readonly reason: UnavailableReason;
  readonly text?: string;
  /** What is said, where it is something else than what goes with the reason. */
  readonly notice?: NoticeCode;
};

/** For something thrown. What is wrong in config.ini is said; paths of key and database are for `gatehouse doctor`. */
export function unavailableBecause(thrown: unknown): Unavailable {
  const fault = toFault(thrown);
  const reason = reasonOf(fault.code);
  if (reason === 'configuration') return { reason, text: fault.message };
  // "Try again in a moment" would not be true.
  return reason === 'busy' && fault.lasting ? { reason, notice: 'unavailable' } : { reason };
}

function reasonOf(code: FaultCode): UnavailableReason {
  if (code === 'busy' || code === 'configuration' || code === 'internal') return code;
  return 'unavailable';
}
