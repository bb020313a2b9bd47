/**
 * What an administrator waits for: the import of users without passwords into an empty facility, then Require 2FA for all of them. As a command does it:
 * facility opened, done, audited, closed. At 100,000 users there are goals; smaller sizes are told for the curve.
 */
import type { StoreEngine } from '../../src/core/config/model.ts';
import { writeUsersCsv } from '../../src/core/csv-users.ts';
import type { Directory } from '../../src/core/directory/directory.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import type { Actor } from '../../src/core/roles.ts';
import type { CurveName } from '../chart/curves.ts';
import type { EmptyFacility } from '../facilities.ts';
import { atMost, type Figure, figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import type { Effort } from '../side-by-side.ts';
import { timed } from '../timed.ts';

export function bulk(engine: StoreEngine): Measurement {
  return {
    name: `bulk-${engine}`,
    about: `On ${engine}, as commands do it: import of users without passwords into an empty facility, then Require 2FA for all of them.`,
    async measure(bench) {
      const figures: Figure[] = [];
      for (const { users, rounds } of SIZES[bench.effort])
        figures.push(...(await measured(bench, engine, { users, rounds })));
      return figures;
    },
  };
}

type Size = { readonly users: number; readonly rounds: number };

const SIZES: Readonly<Record<Effort, readonly Size[]>> = {
  full: [
    { users: 1000, rounds: 5 },
    { users: 10_000, rounds: 5 },
    { users: 100_000, rounds: 3 },
  ],
  quick: [{ users: 10_000, rounds: 1 }],
};

const JUDGED = 100_000;
const IMPORT_MS = 6000;
const REQUIRE_MS: Readonly<Record<StoreEngine, number>> = { sqljs: 1500, sqlite: 1500, postgres: 5000 };

const ADMIN: Actor = { name: 'os:bench', role: 'admin' };

async function measured(bench: Bench, engine: StoreEngine, { users, rounds }: Size): Promise<readonly Figure[]> {
  const csv = csvOf(users);
  const imports: number[] = [];
  const requires: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const empty = await bench.facilities.empty(engine);
    imports.push(await timed(() => within(empty, (directory) => importAll(directory, csv, users))));
    requires.push(await timed(() => within(empty, (directory) => requireAll(directory, users))));
  }
  const figure = (curve: CurveName, name: string, samples: readonly number[], goalMs: number) =>
    figureOf({
      name: `${engine}, ${users.toLocaleString('en')} users: ${name}`,
      unit: 'ms',
      samples,
      point: { curve, line: engine, x: users },
      ...(users === JUDGED ? { goal: atMost(goalMs) } : {}),
    });
  return [
    figure('import', 'import without passwords', imports, IMPORT_MS),
    figure('require-two-factor', 'Require 2FA', requires, REQUIRE_MS[engine]),
  ];
}

async function within({ config }: EmptyFacility, work: (directory: Directory) => Promise<void>): Promise<void> {
  const facility = await openFacility(config);
  try {
    await work(await facility.directory());
  } finally {
    await facility.close();
  }
}

async function importAll(directory: Directory, csv: string, users: number): Promise<void> {
  const outcome = await directory.importUsers(ADMIN, { csv, purpose: 'import', passwords: 'stay' });
  if (outcome.kind !== 'imported' || outcome.count !== users) throw new Error(`The import: ${JSON.stringify(outcome)}`);
}

async function requireAll(directory: Directory, users: number): Promise<void> {
  const outcome = await directory.requireTwoFactor(ADMIN, { selection: { kind: 'all' }, from: null });
  if (outcome.kind !== 'required' || outcome.activated !== users) throw new Error(`2FA: ${JSON.stringify(outcome)}`);
}

function csvOf(users: number): string {
  return writeUsersCsv(
    Array.from({ length: users }, (_, number) => ({
      name: `user-${String(number).padStart(6, '0')}`,
      display: `Employee Number ${number}`,
      group: `ward-${number % 40}`,
      role: 'user',
      password: '',
    })),
  );
}
