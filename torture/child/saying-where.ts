/** An engine whose writes tell where in a transaction they are (`2 commit` by writer 2), so that a parent knows what a kill fell into. */
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import type { Moment } from '../store/fatal-plan.ts';
import { say } from './say.ts';

export function sayingWhere(engine: SqlEngine, writer: number): SqlEngine {
  return {
    ...engine,
    write: (work) =>
      engine.write(async (tx) => {
        say(`${writer} ${'transaction' satisfies Moment}`);
        const answer = await work(tx);
        say(`${writer} ${'commit' satisfies Moment}`);
        return answer;
      }),
  };
}
