/**
 * The end of the audit trail in the server's log, which is kept elsewhere: `gatehouse audit verify --expect` finds
 * out with it that database and audit folder were both put back.
 */
import { toFault } from '../../core/errors.ts';
import { inert } from '../../core/visible-text.ts';

/** At once and then every so often, until what it returns is called. */
export function logEndOfTrail(from: {
  readonly noteOfEnd: () => Promise<string>;
  readonly log: (sentence: string) => void;
  readonly everyMs: number;
}): () => void {
  const { noteOfEnd, log, everyMs } = from;
  const once = (): void => {
    noteOfEnd().then(
      (end) => log(`The audit trail ends at ${end === '' ? 'no record' : inert(end)}.`),
      (thrown: unknown) => log(`The end of the audit trail could not be read: ${inert(toFault(thrown).message)}`),
    );
  };
  once();
  const timer = setInterval(once, everyMs).unref();
  return () => clearInterval(timer);
}
