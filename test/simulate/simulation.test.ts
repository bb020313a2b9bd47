/** Small days on the real core: that they can be played again, and that they add up, whatever the load. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineInPlay } from '../../simulate/hospital-facility.ts';
import { memoryFolder } from '../../simulate/memory-folder.ts';
import type { Model } from '../../simulate/model.ts';
import { dayText, problemsOf } from '../../simulate/report.ts';
import { type Day, prepareSimulation } from '../../simulate/simulation.ts';
import { createCounting } from '../../simulate/tally.ts';

const MODEL: Model = { hashMs: 60, storeMs: 2, cores: 2, source: 'as given' };

type Played = { readonly day: Day; readonly text: string };

async function play(
  more: { readonly seed?: number; readonly engine?: EngineInPlay; readonly model?: Partial<Model> } = {},
): Promise<Played> {
  const { seed = 1, engine = 'sqlite' } = more;
  const model = { ...MODEL, ...more.model };
  const size = { users: 60, sites: 10, seed, engine };
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'gatehouse-'));
  try {
    const simulation = await prepareSimulation(size, folder);
    const day = await simulation.play(model);
    simulation.remove();
    expect(readdirSync(folder)).toEqual([]);
    return { day, text: dayText(size, model, day) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function counted({ tally }: Day, outcome: string): number {
  return tally.arrivals.filter((arrival) => arrival.outcome === outcome).length;
}

describe('a simulated day', () => {
  let first: Played;
  beforeAll(async () => {
    first = await play();
  });

  it('is the same day with the same seed', async () => {
    expect((await play()).text).toBe(first.text);
  });

  it('is another day with another seed', async () => {
    expect((await play({ seed: 2 })).text).not.toBe(first.text.replace('seed 1', 'seed 2'));
  });

  it('gives each arrival one verdict, and no grant without a claim; the audit trail knows all of it', () => {
    const { day, text } = first;
    expect(problemsOf(day)).toEqual([]);
    const outcomes = ['granted', 'denied', 'cancelled', 'unavailable'].map((outcome) => counted(day, outcome));
    expect(outcomes.reduce((sum, count) => sum + count, 0)).toBe(day.tally.arrivals.length);
    for (const count of outcomes) expect(count).toBeGreaterThan(0);
    const { events } = day.tally;
    expect((events.get('login.granted') ?? 0) + (events.get('login.deferred') ?? 0)).toBe(counted(day, 'granted'));
    expect(events.get('two-factor.required')).toBe(1);
    expect(events.get('pairing.confirmed')).toBeGreaterThan(0);
    expect(events.get('password.locked')).toBeGreaterThan(0);
    expect(text).toContain('It adds up');
  });

  it('has people wait where hashing is slow, and adds up all the same when they lose patience', async () => {
    const { day } = await play({ model: { hashMs: 50_000, cores: 1 } });
    expect(problemsOf(day)).toEqual([]);
    expect(Math.max(...day.tally.arrivals.map(({ waitedMs }) => waitedMs))).toBeGreaterThan(50_000);
    expect(counted(day, 'cancelled')).toBeGreaterThan(counted(first.day, 'cancelled'));
  });

  it('is the same to people on another store engine', async () => {
    const { day } = await play({ engine: 'sqljs' });
    expect(day.tally.arrivals).toEqual(first.day.tally.arrivals);
  });
});

describe('the count of a day', () => {
  it('sees a grant that nothing in the store stands behind, and refuses a second verdict', () => {
    const counting = createCounting();
    const arrival = counting.arrive(0);
    const granted = { type: 'done', outcome: 'granted', user: 'alice', method: 'password+totp', paired: true } as const;
    counting.settle(arrival, granted, ['password']);
    expect(counting.tally.grantsWithoutProof).toBe(1);
    expect(() => counting.settle(arrival, granted, ['password+totp'])).toThrow(/two verdicts/);
  });

  it('says what is wrong with a day that does not add up', () => {
    const { tally, arrive, recorded } = createCounting();
    arrive(0);
    recorded('login.granted');
    const wrong = problemsOf({
      hospital: { sites: [], people: [] },
      tally: { ...tally, grantsWithoutProof: 2 },
      server: { hashing: NO_STATION, store: NO_STATION },
      activated: 0,
      audit: { ok: false, records: 3 },
    });
    expect(wrong).toHaveLength(4);
  });
});

const NO_STATION = { places: 1, enter: () => ({ waitMs: 0, doneAt: 0 }), busyMs: () => 0, clear: () => undefined };
