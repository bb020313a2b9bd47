/** The store of `ports.ts` over any SQL engine. Opening makes or upgrades the schema and refuses what a newer Gatehouse wrote. */
import type { Store } from '../ports.ts';
import { directoryPart } from './directory.ts';
import { editPart } from './directory-edit.ts';
import { keepingPart } from './keeping.ts';
import { logOnPart } from './log-on.ts';
import { migrate } from './migrations.ts';
import { codesPart } from './second-codes.ts';
import { codePart } from './settle-code.ts';
import { passwordPart } from './settle-password.ts';
import type { SqlEngine } from './sql-engine.ts';
import { twoFactorPart } from './two-factor-admin.ts';

/** The store owns the engine from here on: it is closed with it, and also when opening fails. */
export async function openSqlStore(engine: SqlEngine): Promise<Store> {
  try {
    await migrate(engine);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
  return {
    ...logOnPart(engine),
    ...passwordPart(engine),
    ...codePart(engine),
    ...codesPart(engine),
    ...directoryPart(engine),
    ...editPart(engine),
    ...twoFactorPart(engine),
    ...keepingPart(engine),
    close: () => engine.close(),
  };
}
