/**
 * What `doctor` says of the audit trail: whether it is whole, whether records wait, and how much there is. It tries
 * what a login does: it drains.
 */
import type { Config } from '../config/model.ts';
import { Fault, toFault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { rolledBack } from './audit-journal.ts';
import { auditSpaceChecks } from './audit-space.ts';
import type { TrailState } from './audit-state.ts';
import { type AuditTrail, openAuditTrail } from './audit-trail.ts';
import type { Check } from './doctor.ts';
import { readKeyRing } from './key-file.ts';
import { systemClock } from './system-clock.ts';

/** Faults: those of key file and database. */
export async function auditChecks(config: Config, configFile: string): Promise<readonly Check[]> {
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock });
  try {
    await trail.settleConfig(configFile);
    const problem = await trail.drain().then(
      () => undefined,
      (thrown: unknown) => toFault(thrown).message,
    );
    const whole = await wholeCheck(trail);
    const state = await trail.state();
    return [
      ...[whole, ...queueChecks(state, problem, config), ...sideChecks(state), ...sizeChecks(state, config)],
      ...auditSpaceChecks(config.audit.path),
    ];
  } finally {
    await trail.close();
  }
}

/** One that cannot be verified is a failed check, and the others go on. */
async function wholeCheck(trail: AuditTrail): Promise<Check> {
  const verified = await trail.verify().catch(toFault);
  if (verified instanceof Fault) {
    const { message, hint } = verified;
    return { name: 'audit', level: 'fail', text: hint === undefined ? message : `${message} ${hint}` };
  }
  const { ok, records, firstBroken, chain } = verified;
  const side = chain === undefined ? undefined : SIDE.exec(chain)?.[1];
  if (!ok && side !== undefined) return { name: 'audit', level: 'fail', text: brokenSideText(side, firstBroken) };
  const whose = chain === undefined ? '' : ` (${inert(chain)})`;
  return ok
    ? { name: 'audit', level: 'ok', text: `All ${records} records of the audit trail are whole.` }
    : {
        name: 'audit',
        level: 'fail',
        text: `Record ${firstBroken} of the audit trail${whose} was changed, removed or cut off. Find out why; docs/backup.md says how to go on.`,
      };
}

const SIDE = /^side:([0-9a-f]{16})$/;

function brokenSideText(id: string, firstBroken: number | null): string {
  const file = `side-${id}.jsonl`;
  return (
    `Somebody changed ${file} in the audit folder: record ${firstBroken} there does not follow. The records before it ` +
    `are taken over, and the file is named ${file}.broken then. This check fails until you move that file away.`
  );
}

function sideChecks({ sides }: TrailState): readonly Check[] {
  return sides.map(({ id, records }) => ({
    name: 'audit-side',
    level: 'warn',
    text: `Records of a time without the database wait in side-${id}.jsonl (${records.length}): the next login takes them over.`,
  }));
}

/** A tenth of what may wait is more than the folder ever lags behind by itself. */
const WARN_SHARE = 0.1;

function queueChecks(
  { queued, standing }: TrailState,
  problem: string | undefined,
  { audit, store }: Config,
): readonly Check[] {
  if (store.engine === 'postgres') return [];
  const name = 'audit-queue';
  if (standing === 'ahead') {
    const { message, hint } = rolledBack();
    return [{ name, level: 'fail', text: `${message} ${hint}` }];
  }
  const why = problem === undefined ? '' : ` ${inert(problem)}`;
  const waiting = `${queued} of at most ${audit.queueMax} audit records wait for the audit folder.${why}`;
  if (queued >= audit.queueMax) return [{ name, level: 'fail', text: `Nobody can log in: ${waiting}` }];
  if (queued > audit.queueMax * WARN_SHARE || problem !== undefined) return [{ name, level: 'warn', text: waiting }];
  return [{ name, level: 'ok', text: 'No audit record waits for the audit folder.' }];
}

function sizeChecks({ bytes }: TrailState, { audit }: Config): readonly Check[] {
  if (audit.maxMiB === 0 || bytes === undefined) return [];
  const name = 'audit-size';
  const size = Math.ceil(bytes / (1024 * 1024));
  return size > audit.maxMiB
    ? [
        {
          name,
          level: 'warn',
          text: `The audit trail takes ${size} MiB, more than Audit.MaxMiB=${audit.maxMiB}. Run: gatehouse audit archive --before DATE DIR`,
        },
      ]
    : [{ name, level: 'ok', text: `The audit trail takes ${size} MiB.` }];
}
