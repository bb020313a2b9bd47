/**
 * A facility moved from engine to engine, until it is back where it began: `gatehouse store migrate`, as the command does it. After each move every row is read
 * in the new place and has to be what it was in the first; a difference ends the bench.
 */
import type { StoreEngine } from '../../src/core/config/model.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { migrateStore } from '../../src/core/node/migrate-store.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import type { Actor } from '../../src/core/roles.ts';
import { facilityDigest } from '../../src/core/store/moving/digest.ts';
import { type Figure, figureOf } from '../figure.ts';
import type { Bench, Measurement } from '../measurement.ts';
import type { Effort } from '../side-by-side.ts';
import { timed } from '../timed.ts';

/** `round`: where it begins, and ends. */
export function storeMigrate(round: Round): Measurement {
  return {
    name: `migrate-${round}`,
    about: `A facility moved by gatehouse store migrate: ${ROUNDS[round].join(' → ')}. Every row is compared after each move.`,
    measure: (bench) => moved(bench, round),
  };
}

type Round = 'sqljs' | 'postgres';
const ROUNDS: Readonly<Record<Round, readonly [StoreEngine, ...StoreEngine[]]>> = {
  sqljs: ['sqljs', 'sqlite', 'sqljs'],
  postgres: ['postgres', 'sqljs', 'sqlite', 'postgres'],
};
const USERS: Readonly<Record<Effort, number>> = { full: 100_000, quick: 10_000 };
const ADMIN: Actor = { name: 'os:bench', role: 'admin' };

async function moved(bench: Bench, round: Round): Promise<readonly Figure[]> {
  const users = USERS[bench.effort];
  const [start, ...stations] = ROUNDS[round];
  const { configFile } = await bench.facilities.ofUsers(users, start);
  const first = await rowsOf(configFile);
  const figures: Figure[] = [];
  let from = start;
  for (const to of stations) {
    const milliseconds = await timed(() =>
      migrateStore({ configFile, to, actor: ADMIN, former: 'replace', agree: async () => undefined }),
    );
    if ((await rowsOf(configFile)) !== first) throw new Error(`From ${from} to ${to} rows have changed.`);
    const name = `store migrate, ${from} to ${to}, ${users.toLocaleString('en')} users, no row different`;
    figures.push(figureOf({ name, unit: 'ms', samples: [milliseconds] }));
    from = to;
  }
  return figures;
}

/** Every cell of every row, as one text. */
async function rowsOf(configFile: string): Promise<string> {
  const { store } = readConfigFile(configFile).config;
  const engine = await openEngine(store, { database: 'existing', clock: systemClock });
  try {
    return JSON.stringify(await facilityDigest(engine));
  } finally {
    await engine.close();
  }
}
