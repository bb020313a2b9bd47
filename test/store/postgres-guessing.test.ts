/** Guesses that meet in the database of several hosts: none is judged before the ones ahead of it are counted. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { userCounter } from '../../src/core/lockout.ts';
import { recordingEngine } from '../../src/core/store/recording-engine.ts';
import { passwordWrites } from '../../src/core/store/settle-password.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { idOf, person, RULES } from '../store-contract/people.ts';
import { openPlainStore, type PlainStore, testJournal } from '../support/plain-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

type Attempt = Parameters<PlainStore['settlePassword']>[0];

describeWithPostgres('guesses at two hosts', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  /** `ahead` five times in one transaction, and `behind` from another host before it is over. */
  async function settledBehind(ahead: Attempt, behind: Attempt) {
    const opened = await temporaryPostgres(server);
    onTestFinished(() => opened.dispose());
    const store = await openPlainStore(await opened.open());
    await store.addUsers([person('alice')]);
    const other = await openPlainStore(await opened.open());
    const engine = await opened.open();
    return engine.write(async (tx) => {
      // The store over an engine that is in the middle of a transaction.
      const within: SqlEngine = { ...engine, write: (work) => work(tx) };
      const { settlePassword } = passwordWrites(recordingEngine(within, testJournal(), {}));
      const { known, ...attempt } = ahead;
      const user = known ? { id: idOf('alice'), name: 'alice', disabled: false } : undefined;
      for (let failure = 0; failure < 5; failure += 1) await settlePassword({ ...attempt, user });
      const settled = other.settlePassword(behind);
      const early = await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
      return { early, settled };
    });
  }

  const ALICE = { counter: userCounter(idOf('alice')), known: true, rules: RULES } as const;
  const NOBODY = { counter: 'opaque', known: false, rules: RULES } as const;

  it.each([
    ['a right password', { ...ALICE, right: true }],
    ['a wrong password', { ...ALICE, right: false }],
    ['a name that nobody has', { ...NOBODY, right: false }],
  ])('tell nothing of %s, where the budget is being spent for the first time', async (_, behind) => {
    const { early, settled } = await settledBehind({ ...behind, right: false }, behind);
    expect(early).toBe('waits');
    expect(await settled).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
  });
});
