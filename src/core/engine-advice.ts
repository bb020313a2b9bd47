/** When a facility has outgrown its store engine. */
import type { StoreEngine } from './config/model.ts';

/** Past so many users the store costs a log-on with sqljs more than its password hash does (docs/performance.md). */
export const SQLJS_USERS = 25_000;

/** One sentence, or undefined: the engine fits. The command that follows it is `ENGINE_COMMAND`. */
export function engineAdvice(engine: StoreEngine, users: number): string | undefined {
  if (engine !== 'sqljs' || users <= SQLJS_USERS) return undefined;
  return `With ${users.toLocaleString('en')} users each log-on waits longer for the store (sqljs) than for the password check.`;
}

export const ENGINE_COMMAND = 'gatehouse store migrate --to sqlite';
