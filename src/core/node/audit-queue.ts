/** One turn of writing after the other; events that arrive while one of ours is being written go out together in the next turn. */
import type { AuditEvent } from '../audit-event.ts';
import { type Fault, toFault } from '../errors.ts';
import type { AuditLog } from '../ports.ts';

/** `appendTogether` writes all of them or none. */
export function createAuditQueue(appendTogether: (events: readonly AuditEvent[]) => Promise<void>): AuditLog {
  let waiting: Waiting[] = [];
  let idle = true;

  async function writeWaiting(): Promise<void> {
    idle = false;
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      const fault = await faultOf(appendTogether(together.map(({ event }) => event)));
      for (const { settle } of together) settle(fault);
    }
    idle = true;
  }

  return {
    append: (event) =>
      new Promise((resolve, reject) => {
        waiting.push({ event, settle: (fault) => (fault ? reject(fault) : resolve()) });
        if (idle) void writeWaiting();
      }),
  };
}

type Waiting = { readonly event: AuditEvent; readonly settle: (fault: Fault | undefined) => void };

async function faultOf(work: Promise<void>): Promise<Fault | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    return toFault(thrown);
  }
}
