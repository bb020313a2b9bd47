/**
 * The audit trail as files that are only ever appended to. When `append` resolves, the record is on the disk, chained by a
 * keyed hash to all before it; when it rejects, whoever asked must not go on as if it were. Writers of all processes take
 * turns under one kernel lock; events that arrive while one of ours is being written go out together in the next turn.
 */
import type { AuditEvent } from '../audit-event.ts';
import { type Fault, toFault } from '../errors.ts';
import type { AuditLog } from '../ports.ts';
import { type AuditFolder, appendTogether } from './audit-append.ts';

export function createAuditFile(trail: AuditFolder): AuditLog {
  let waiting: Waiting[] = [];
  let idle = true;

  async function writeWaiting(): Promise<void> {
    idle = false;
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      const fault = await faultOf(
        appendTogether(
          trail,
          together.map(({ event }) => event),
        ),
      );
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
