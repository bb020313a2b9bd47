/**
 * Expected outcomes are return values. A Fault is what is thrown when machinery is broken: the file is corrupt, the disk
 * full, the key gone. Its code is stable (exit statuses and the audit trail build on it); the message is a sentence for an
 * administrator, the hint what to do next. A Fault is never a grant.
 */
export type FaultCode =
  | 'usage' // the call's words are off                     exit 64
  | 'bad-data' // input that does not fit                     exit 65
  | 'not-found' // no such user or file                       exit 66
  | 'unavailable' // missing, unreadable or corrupt           exit 69
  | 'file-refused' // symlink, foreign owner, loose mode      exit 69
  | 'internal' // a defect of Gatehouse                       exit 70
  | 'exists' // refuses to overwrite                          exit 73
  | 'busy' // store locked or server away: try again          exit 75
  | 'denied' // not allowed                                   exit 77
  | 'configuration' // config.ini is wrong                    exit 78
  | 'cancelled'; // the person gave up                        exit 130

export class Fault extends Error {
  readonly code: FaultCode;
  readonly hint: string | undefined;
  /** It does not pass by itself: somebody has to repair something before a next try can succeed. */
  readonly lasting: boolean;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.hint = options.hint;
    this.lasting = options.lasting ?? false;
  }
}

type FaultOptions = { readonly hint?: string; readonly cause?: unknown; readonly lasting?: boolean };

/** The database is of an older or a newer version: another Gatehouse may be at work there. */
export class OtherSchema extends Fault {}

/** Exit status of each code (SPEC §4; the numbers are those of sysexits.h where it has one). */
export const EXIT_STATUS: Readonly<Record<FaultCode, number>> = {
  usage: 64,
  'bad-data': 65,
  'not-found': 66,
  unavailable: 69,
  'file-refused': 69,
  internal: 70,
  exists: 73,
  busy: 75,
  denied: 77,
  configuration: 78,
  cancelled: 130,
};

/** Whatever was thrown, as a Fault; what is neither one nor a call that the operating system refused is a defect of ours. */
export function toFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const call = refusedCall(thrown);
  if (call === undefined) return new Fault('internal', 'Something inside Gatehouse broke.', { cause: thrown });
  return new Fault('unavailable', `The operating system refused a call that should not fail (${call}).`, {
    cause: thrown,
    hint: 'Look at the disk (dmesg) and the limits of this process (ulimit -a), then try again.',
  });
}

/** `fstat: EIO`, of a system error as Node throws it. */
function refusedCall(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) return undefined;
  return `${thrown.syscall}: ${thrown.code}`;
}
