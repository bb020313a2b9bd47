/** How often a log-on waits for the server, and what may not be sent without waiting. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../src/core/store/engines/postgres.ts';
import type { SqlWriter } from '../../src/core/store/sql-engine.ts';
import type { NameKey } from '../../src/core/user.ts';
import { idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { startRelay } from '../support/postgres-relay.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

describeWithPostgres('postgres behind a network', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  async function behindRelay() {
    const opened = await temporaryPostgres(server);
    onTestFinished(() => opened.dispose());
    const relay = await startRelay(server.port);
    onTestFinished(() => relay.close());
    const url = opened.url.replace(`:${server.port}/`, `:${relay.port}/`);
    const engine = await openPostgres({ url, absent: 'refuse' });
    onTestFinished(() => engine.close());
    return { relay, engine, store: await openPlainStore(engine) };
  }

  it('waits seven times for what a login asks of the store, the record of its grant included', async () => {
    const { relay, store } = await behindRelay();
    const userId = idOf('alice');
    await store.addUsers([person('alice')]);
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    const logOn = async (step: number) => {
      const { user, epoch } = await store.findUser('alice' as NameKey);
      if (user === undefined) throw new Error('alice is gone');
      const login = store.whole.by({});
      await login.settlePassword({ counter: `user:${userId}`, user, right: true, rules: RULES });
      await store.findUser('alice' as NameKey);
      return login.claimTimeStep({
        claim: { userId, passwordVersion: user.passwordVersion, epoch },
        ...{ pairingId: 'p1', step, window: 1, rules: RULES },
        grant: { event: 'login.granted', detail: 'password+totp' },
      });
    };
    // The first ones make the connections, and the chains of this host.
    for (let step = 100; step < 200; step += 1) await logOn(step);
    relay.delayAnswers(40);
    const before = relay.turns();
    expect(await logOn(201)).toEqual({ kind: 'claimed', granted: true });
    expect(relay.turns() - before).toBe(7);
  });

  const CHANGES: Readonly<Record<string, (tx: SqlWriter, name: string) => Promise<unknown> | undefined>> = {
    run: (tx, name) => tx.run('UPDATE users SET display = ? WHERE name = ?', [name, 'alice']),
    runMany: (tx, name) => tx.runMany('UPDATE users SET display = ? WHERE name = ?', [[name, 'alice']]),
    later: (tx, name) => void tx.later('UPDATE users SET display = ? WHERE name = ?', [[name, 'alice']]),
  };

  it.each(Object.entries(CHANGES))('changes nothing by `%s` where the transaction did not begin', async (_, change) => {
    const { relay, engine, store } = await behindRelay();
    await store.addUsers([person('alice')]);
    relay.spoilNextBegin();
    await expect(engine.write(async (tx) => change(tx, 'Mallory'))).rejects.toMatchObject({ code: 'internal' });
    expect(await engine.read((tx) => tx.all('SELECT display FROM users'))).not.toEqual([{ display: 'Mallory' }]);
    await engine.write(async (tx) => change(tx, 'Alice'));
    expect(await engine.read((tx) => tx.all('SELECT display FROM users'))).toEqual([{ display: 'Alice' }]);
  });

  it('asks behind a change that was not waited for, not before it', async () => {
    const { engine, store } = await behindRelay();
    await store.addUsers([person('alice')]);
    const seen = engine.write(async (tx) => {
      tx.later('UPDATE users SET display = ? WHERE name = ?', [['Alice', 'alice']]);
      return tx.all('SELECT display FROM users');
    });
    expect(await seen).toEqual([{ display: 'Alice' }]);
  });

  it('goes on with another connection, however many are gone, where nothing had begun', async () => {
    const { relay, engine, store } = await behindRelay();
    await store.addUsers([person('alice')]);
    await Promise.all(Array.from({ length: 8 }, () => engine.now()));
    relay.moveTo(server.port);
    expect(await store.findUser('alice' as NameKey)).toMatchObject({ user: { name: 'alice' } });
    relay.moveTo(server.port);
    expect(await store.addUsers([person('bob')])).toEqual({ kind: 'added' });
  });
});
