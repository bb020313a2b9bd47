/** The server dies, comes back, or another takes its place, while two hosts let people in: no step is accepted twice, none that was acknowledged is lost. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { toFault } from '../../src/core/errors.ts';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';

import { openPostgres } from '../../src/core/store/engines/postgres.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt } from '../../src/core/totp.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { secretBytes } from '../support/authenticator.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { ADMIN, doneOf, logOn, PASSWORD, temporaryFacility } from '../support/temporary-facility.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

const userId = idOf('alice');
const HOSTS = 2;

type Tally = { readonly claimed: number[]; refused: number; inDoubt: number };

/** All hosts at once, with one code each round; `during` happens while the answers are awaited. */
async function rounds(
  stores: readonly PlainStore[],
  steps: readonly number[],
  during: (step: number) => Promise<void>,
): Promise<Tally> {
  const tally: Tally = { claimed: [], refused: 0, inDoubt: 0 };
  for (const step of steps) {
    const rules = { ...RULES, codeFailures: 1e6, hardLimit: 1e6 };
    const claims = stores.map((store) => store.claimTimeStep({ userId, pairingId: 'p1', step, rules }));
    const settled = Promise.allSettled(claims);
    await during(step);
    for (const outcome of await settled) {
      if (outcome.status === 'rejected') {
        const { code, message } = toFault(outcome.reason);
        expect(code).toBe('busy');
        tally.refused += 1;
        if (message.includes('not known')) tally.inDoubt += 1;
      } else if (outcome.value.kind === 'claimed') tally.claimed.push(step);
    }
  }
  return tally;
}

describeWithPostgres('a fail-over', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  async function hosts(url: string, second = ''): Promise<readonly PlainStore[]> {
    const first = await openPlainStore(await openPostgres({ url, absent: 'create' }));
    await first.addUsers([person('alice')]);
    await first.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await first.issueByAdmin({ userId, pairing: pairing('p1') });
    await first.close();
    const address = second === '' ? url : url.replace(/@([^/]+)\//, `@$1,${second}/`);
    const stores: PlainStore[] = [];
    for (let host = 0; host < HOSTS; host += 1) {
      const store = await openPlainStore(await openPostgres({ url: address, absent: 'refuse' }));
      onTestFinished(() => store.close());
      stores.push(store);
    }
    return stores;
  }

  it('is survived where the server crashes and comes back, again and again', async () => {
    const stores = await hosts(await server.freshUrl());
    const steps = Array.from({ length: 40 }, (_, index) => index + 1);
    const tally = await rounds(stores, steps, async (step) => {
      if (step % 13 !== 0) return;
      await server.stop('KILL');
      await server.start();
    });
    expect(new Set(tally.claimed).size).toBe(tally.claimed.length);
    // Only the rounds of a crash may have gone without anybody let in.
    expect(tally.claimed.length).toBeGreaterThanOrEqual(steps.length - 3);
    expect((await stores[0]?.userById(userId))?.twoFactor.pairing?.lastStep).toBe(steps.at(-1));
    console.log(
      `3 crashes: ${tally.claimed.length} of ${steps.length} codes let somebody in, each once; ${tally.refused} refused, ${tally.inDoubt} in doubt`,
    );
  });

  it('is survived where a replica takes over: what was acknowledged is there, and no code that was used is taken again', async () => {
    const url = await server.freshUrl();
    const replica = await server.replica();
    onTestFinished(() => replica.dispose());
    await server.ask("ALTER SYSTEM SET synchronous_standby_names = 'replica'");
    await server.ask('SELECT pg_reload_conf()');
    const stores = await hosts(url, `127.0.0.1:${replica.port}`);
    const steps = Array.from({ length: 20 }, (_, index) => index + 1);
    const tally = await rounds(stores, steps, async (step) => {
      if (step !== 10) return;
      await server.stop('KILL');
      await replica.ask("ALTER SYSTEM SET synchronous_standby_names = ''");
      await replica.promote();
    });
    expect(new Set(tally.claimed).size).toBe(tally.claimed.length);
    expect(tally.claimed.length).toBeGreaterThanOrEqual(steps.length - 1);
    const again = await rounds(stores, tally.claimed, async () => undefined);
    expect(again.claimed).toEqual([]);
    console.log(
      `replica promoted: ${tally.claimed.length} of ${steps.length} codes let somebody in, each once; ${tally.refused} refused, ${tally.inDoubt} in doubt`,
    );
    await server.start();
    await server.ask("ALTER SYSTEM SET synchronous_standby_names = ''");
    await server.ask('SELECT pg_reload_conf()');
  });

  it('accepts a code once on two hosts whose clocks are 30 s apart, and lets nobody in while the server is away', async () => {
    const url = await server.freshUrl();
    const place = await temporaryFacility('2FA=Central:Ward LIVE\n', `[Store]\nEngine=postgres\nUrl=${url}\n`);
    await place.addUser('alice');
    await place.require('alice');
    const directory = await place.facility.directory();
    const alice = await directory.find('alice');
    const shown = alice === undefined ? undefined : await directory.showQr(ADMIN, alice.id);
    const secret = shown?.kind === 'shown' ? secretBytes(shown.key.replaceAll(' ', '')) : new Uint8Array();
    const real = Date.now();
    const facilities = await Promise.all(
      [-15_000, 15_000].map((ahead) =>
        openFacility(readConfigFile(join(place.folder, 'config.ini')).config, { clock: { now: () => real + ahead } }),
      ),
    );
    const converse = (host: number) => {
      const facility = facilities[host];
      if (facility === undefined) throw new Error('no such host');
      return beginLogin(loginDeps(facility), {});
    };
    onTestFinished(async () => {
      for (const facility of facilities) await facility.close();
    });
    const code = codeAt(secret, timeStepAt(await place.facility.store.now()));
    const answers = { username: 'alice', password: PASSWORD, code };
    // Mid-way: the password was right, and the server dies before the code.
    const cut = await logOn(converse(0), (ask) => {
      if (ask.field === 'username') return 'alice';
      return ask.field === 'password' ? PASSWORD : code;
    });
    const conversation = converse(1);
    let reply = await conversation.start();
    const begun = reply.at(-1);
    if (begun?.type === 'ask') reply = await conversation.answer(begun.id, 'alice');
    await server.stop('KILL');
    const asked = reply.at(-1);
    if (asked?.type === 'ask') reply = await conversation.answer(asked.id, PASSWORD);
    expect(doneOf(reply)).toMatchObject({ outcome: 'unavailable' });
    await server.start();
    const again = await Promise.all([0, 1].map(async (host) => doneOf(await logOn(converse(host), answers)).outcome));
    expect([doneOf(cut).outcome, ...again]).toEqual(['granted', 'denied', 'denied']);
  });
});
