/** A move to another store engine that was begun, and is not to be: the facility opens again where it was. */
import type { Config, StoreEngine } from '../config/model.ts';
import { Fault } from '../errors.ts';
import { databaseExists } from '../store/engines/database-file.ts';
import { hasFacility } from '../store/migrations.ts';
import { type Mark, readMark } from '../store/moving/marks.ts';
import { takeMoveBack } from '../store/moving/move-facility.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { readConfigFile } from './config-file.ts';
import { openAlone } from './migration-engines.ts';

/** Where the facility was closed for a move that is not finished: the engine it was to go to. By the engine that config.ini still names. */
export async function moveAway(configFile: string): Promise<string | undefined> {
  const { store } = readConfigFile(configFile).config;
  const mark = await within(store, (engine) => engine.read(readMark));
  return mark.kind === 'moved' ? mark.to : undefined;
}

/** Faults: `exists` where the facility is in the new place already, whole; then there would be two. */
export async function takeBack(configFile: string): Promise<void> {
  const { store } = readConfigFile(configFile).config;
  await within(store, async (engine) => {
    const mark = await engine.read(readMark);
    if (await isComplete(store, mark)) {
      throw new Fault('exists', `The move was through: the facility is in Store.Engine=${nameOf(mark)}.`, {
        hint: `gatehouse store migrate --to ${nameOf(mark)} names it in config.ini; from there it can be moved back.`,
      });
    }
    await takeMoveBack(engine);
  });
}

/** A server that cannot be asked has no say: it may be why the move is taken back. */
async function isComplete(store: Config['store'], mark: Mark): Promise<boolean> {
  const engine = ENGINES.find((name) => name === nameOf(mark));
  if (engine === undefined || (engine !== 'postgres' && !databaseExists(store.path))) return false;
  const asked = within({ ...store, engine }, (copy) => copy.read(hasFacility));
  return engine === 'postgres' ? asked.catch(() => false) : asked;
}

const ENGINES: readonly StoreEngine[] = ['sqljs', 'sqlite', 'postgres'];

function nameOf(mark: Mark): string {
  return mark.kind === 'moved' ? mark.to : '';
}

async function within<T>(store: Config['store'], work: (engine: SqlEngine) => Promise<T>): Promise<T> {
  const engine = await openAlone(store, 'existing');
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
