/** The day, whole: everybody's errands and all that happens, on one agenda over one server. Same seed and same service times: same day. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../src/core/config/model.ts';
import type { AuditRecord } from '../src/core/node/audit-record.ts';
import { type AuditTrail, openAuditTrail } from '../src/core/node/audit-trail.ts';
import { readKeyRing } from '../src/core/node/key-file.ts';
import type { Clock } from '../src/core/ports.ts';
import { createPhones } from '../tools/demo-phones.ts';
import { createAgenda } from './agenda.ts';
import { chanceOf } from './chance.ts';
import { dayPlan, HOUR_MS } from './day-plan.ts';
import { errand } from './errand.ts';
import { GUESSING, guessing, OUTAGE, outage, ROLL_OUT_AT, rollOut } from './events.ts';
import { type Hospital, hospitalOf } from './hospital.ts';
import { type EngineInPlay, makeFacility, openInPlay } from './hospital-facility.ts';
import type { Model } from './model.ts';
import { createServer, type Server } from './server.ts';
import { createCounting, type Tally } from './tally.ts';

/** Monday, 2026-03-02. */
export const MIDNIGHT = Date.UTC(2026, 2, 2);

export type Size = {
  readonly users: number;
  readonly sites: number;
  readonly seed: number;
  readonly engine: EngineInPlay;
};

export type Day = {
  readonly hospital: Hospital;
  readonly tally: Tally;
  readonly server: Pick<Server, 'hashing' | 'store'>;
  /** Users for whom Require 2FA came that morning. */
  readonly activated: number;
  readonly audit: { readonly ok: boolean; readonly records: number };
};

export type Simulation = {
  play(model: Model, onProgress?: (epochMs: number) => void): Promise<Day>;
  remove(): void;
};

/** The facility as it is at midnight, in a folder of its own inside `folder`. */
export async function prepareSimulation(size: Size, folder: string): Promise<Simulation> {
  const { seed, engine } = size;
  const own = mkdtempSync(join(folder, 'gatehouse-simulate-'));
  const agenda = createAgenda(MIDNIGHT);
  const hospital = hospitalOf(size);
  const phones = createPhones();
  const config = await makeFacility({ folder: own, engine, hospital, seed, clock: agenda.clock, phones });

  async function play(model: Model, onProgress: (epochMs: number) => void = () => undefined): Promise<Day> {
    const counting = createCounting();
    const before = (await recordsOf(config, agenda.clock)).length;
    const server = await createServer(agenda, model, () => openInPlay(config, { clock: agenda.clock, seed }));
    const scene = { agenda, chance: chanceOf(seed, 'habits'), phones, server, counting };
    let activated = 0;
    for (const { person, at } of dayPlan(hospital.people, seed)) agenda.at(MIDNIGHT + at, () => errand(scene, person));
    agenda.at(MIDNIGHT + ROLL_OUT_AT, async () => {
      const today = hospital.sites.filter(({ stage }) => stage === 'today').map(({ name }) => name);
      activated = await rollOut(scene, today);
    });
    agenda.at(MIDNIGHT + OUTAGE.from, () => outage(scene));
    const victim = hospital.people.find(({ shift, begins }) => shift === 'early' && begins === 'paired');
    if (victim !== undefined) agenda.at(MIDNIGHT + GUESSING.from, () => guessing(scene, victim));
    for (let hour = 0; hour < 24; hour += 1) agenda.at(MIDNIGHT + hour * HOUR_MS, async () => onProgress(agenda.now()));
    await agenda.run();
    await server.facility()?.close();
    for (const { event } of (await recordsOf(config, agenda.clock)).slice(before)) counting.recorded(event);
    const audit = await withTrail(config, agenda.clock, (trail) => trail.verify());
    return { hospital, tally: counting.tally, server, activated, audit };
  }

  return { play, remove: () => rmSync(own, { recursive: true, force: true }) };
}

function recordsOf(config: Config, clock: Clock): Promise<readonly AuditRecord[]> {
  return withTrail(config, clock, async (trail) => {
    const records: AuditRecord[] = [];
    for await (const record of trail.read()) records.push(record);
    return records;
  });
}

async function withTrail<T>(config: Config, clock: Clock, work: (trail: AuditTrail) => Promise<T>): Promise<T> {
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock });
  return work(trail).finally(() => trail.close());
}
