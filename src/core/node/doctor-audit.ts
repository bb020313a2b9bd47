/** What `doctor` says of the audit trail: whether it is whole, whether its folder takes records, and how much there is. */
import type { Config } from '../config/model.ts';
import { Fault, toFault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { rolledBack } from './audit-journal.ts';
import { auditSpaceChecks } from './audit-space.ts';
import type { TrailState } from './audit-state.ts';
import type { AuditTrail } from './audit-trail.ts';
import { type Check, fail, faultText, ok, warn } from './doctor-check.ts';
import type { Facility } from './facility.ts';

type Asked = { readonly facility: Facility; readonly configFile: string };

/** Faults: those of the database. */
export async function trailChecks({ facility: { trail }, configFile }: Asked): Promise<readonly Check[]> {
  await trail.settleConfig(configFile);
  return [await wholeCheck(trail), ...sideChecks(await trail.state())];
}

/** Copies to the audit folder what waits for it, the record of `writeCheck` at least. Faults: those of the database. */
export async function queueChecks({ facility: { trail, config } }: Asked): Promise<readonly Check[]> {
  const problem = await trail.drain().then(() => undefined, faultText);
  const state = await trail.state();
  const size = sizeChecks(state, config);
  return [...queueCheck(state, problem, config), ...size, ...auditSpaceChecks(config.audit.path)];
}

/** One that cannot be verified is a failed check, and the others go on. */
async function wholeCheck(trail: AuditTrail): Promise<Check> {
  const verified = await trail.verify().catch(toFault);
  if (verified instanceof Fault) return fail('audit', faultText(verified));
  const { ok: whole, records, firstBroken, chain } = verified;
  const side = chain === undefined ? undefined : SIDE.exec(chain)?.[1];
  if (!whole && side !== undefined) return fail('audit', brokenSideText(side, firstBroken));
  const whose = chain === undefined ? '' : ` (${inert(chain)})`;
  return whole
    ? ok('audit', `All ${records} records of the audit trail are whole.`)
    : fail(
        'audit',
        `Record ${firstBroken} of the audit trail${whose} was changed, removed or cut off. Find out why; docs/backup.md says how to go on.`,
      );
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
  return sides.map(({ id, records }) =>
    warn(
      'audit-side',
      `Records of a time without the database waited in side-${id}.jsonl (${records.length}). Gatehouse copies them into the trail now.`,
    ),
  );
}

/** A tenth of what may wait is more than the folder ever lags behind by itself. */
const WARN_SHARE = 0.1;

function queueCheck(
  { queued, standing }: TrailState,
  problem: string | undefined,
  { audit, store }: Config,
): readonly Check[] {
  if (store.engine === 'postgres') return [];
  const name = 'audit-queue';
  if (standing === 'ahead') {
    const { message, hint } = rolledBack();
    return [fail(name, `${message} ${hint}`)];
  }
  const why = problem === undefined ? '' : ` ${inert(problem)}`;
  const waiting = `${queued} of at most ${audit.queueMax} audit records wait for the audit folder.${why}`;
  if (queued >= audit.queueMax) return [fail(name, `No one can log in: ${waiting}`)];
  if (queued > audit.queueMax * WARN_SHARE || problem !== undefined) return [warn(name, waiting)];
  return [ok(name, 'The audit folder has every record.')];
}

function sizeChecks({ bytes }: TrailState, { audit }: Config): readonly Check[] {
  if (audit.maxMiB === 0 || bytes === undefined) return [];
  const name = 'audit-size';
  const size = Math.ceil(bytes / (1024 * 1024));
  return size > audit.maxMiB
    ? [
        warn(
          name,
          `The audit trail takes ${size} MiB, more than Audit.MaxMiB=${audit.maxMiB}. Run: gatehouse audit archive --before DATE DIR`,
        ),
      ]
    : [ok(name, `The audit trail takes ${size} MiB.`)];
}
