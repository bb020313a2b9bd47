/**
 * The attack: fill the table of names that were tried, and see which of them are forgotten (ACCEPTANCE C43). A name that
 * somebody has and a name that nobody has get the same answers at any number of other names, in any order.
 */
import { expect, it } from 'vitest';
import { LOCKED_FOR_GOOD, userCounter } from '../../src/core/lockout.ts';
import { NAMES_FORGOTTEN, NAMES_REMEMBERED } from '../../src/core/store/forget-failures.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { idOf, NOON, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

const ALICE = userCounter(idOf('alice'));
const NOBODY = 'name:nobody';

export function namesContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  let now = NOON;

  function later(ms: number): void {
    now += ms;
    bench.current.setNow(now);
  }

  async function open(...names: string[]): Promise<{ store: PlainStore; engine: SqlEngine }> {
    now = NOON;
    return { store: await storeWith(bench.current, ...names), engine: await bench.current.open() };
  }

  function wrong(store: PlainStore, counter: string, rules = RULES) {
    return store.settlePassword({ counter, known: counter.startsWith('user:'), right: false, rules });
  }

  /** Wrong passwords for both, a millisecond apart, which of the two first being told by `order`. */
  async function bothWrong(store: PlainStore, order: number, rules = RULES) {
    const answers = new Map<string, unknown>();
    for (const counter of order % 2 === 0 ? [ALICE, NOBODY] : [NOBODY, ALICE]) {
      answers.set(counter, await wrong(store, counter, rules));
    }
    later(1);
    return { alice: answers.get(ALICE), nobody: answers.get(NOBODY) };
  }

  /** As if so many names had been tried, of which none waits. */
  async function tryOthers(engine: SqlEngine, count: number): Promise<void> {
    const first = now;
    later(count);
    await engine.write((tx) =>
      tx.runMany(
        "INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at) VALUES (?, 'password', 1, NULL, 0, ?)",
        Array.from({ length: count }, (_, number) => [`name:${first + number}`, first + number]),
      ),
    );
  }

  it('answers alike for a name that nobody has, before and after more names than are remembered', async () => {
    const { store, engine } = await open('alice');
    const seen: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (let failure = 0; failure < 3; failure += 1) {
        const { alice, nobody } = await bothWrong(store, round + failure);
        expect(alice).toEqual(nobody);
        seen.push(alice);
      }
      // In the second round both are waiting.
      await tryOthers(engine, round === 1 ? 100 : NAMES_REMEMBERED);
      await wrong(store, `name:more-${round}`);
    }
    // Three failures were forgotten, the next three did not lock; later ones did.
    expect(seen.slice(3, 6)).toEqual([0, 0, 0].map((retryAfterSeconds) => ({ kind: 'refused', retryAfterSeconds })));
    expect(seen.slice(6, 9)).toContainEqual({ kind: 'refused', retryAfterSeconds: 30 });
  });

  it('forgets those who wait last, whoever they are', async () => {
    const { store, engine } = await open('alice');
    for (let failure = 0; failure < 5; failure += 1) await bothWrong(store, failure);
    await tryOthers(engine, NAMES_REMEMBERED - 2);
    await wrong(store, 'name:more');
    later(-NAMES_REMEMBERED);
    expect(await bothWrong(store, 0)).toMatchObject({ alice: { kind: 'locked' }, nobody: { kind: 'locked' } });
    const [left] = await engine.read((tx) => tx.all('SELECT COUNT(*) AS names FROM failures'));
    expect(Number(left?.names)).toBe(NAMES_REMEMBERED - NAMES_FORGOTTEN + 1);
  });

  it('sends the same statements for the one and for the other, in the same order, with the table full too', async () => {
    const { engine } = await open('alice');
    const { store, sent } = await listening(engine);
    const statementsOf = async (counter: string) => {
      sent.length = 0;
      await wrong(store, counter);
      return sent.join('\n');
    };
    for (const others of [0, NAMES_REMEMBERED, NAMES_FORGOTTEN]) {
      await tryOthers(engine, others);
      // A first failure each, a second one, and answers while locked.
      const ofAlice: string[] = [];
      for (let failure = 0; failure < 7; failure += 1) ofAlice.push(await statementsOf(ALICE));
      await tryOthers(engine, others === 0 ? 0 : NAMES_FORGOTTEN);
      const ofNobody: string[] = [];
      for (let failure = 0; failure < 7; failure += 1) ofNobody.push(await statementsOf(NOBODY));
      expect(ofNobody).toEqual(ofAlice);
      expect(ofAlice[0]).toContain('COUNT(*) AS names');
      expect(ofAlice[0]?.includes('LIMIT')).toBe(others > 0);
      expect(ofAlice[1]).not.toContain('COUNT(*) AS names');
      await engine.write((tx) => tx.run('DELETE FROM failures WHERE counter IN (?, ?)', [ALICE, NOBODY]));
    }
  });

  it('makes room once for names that are tried at the same time, and counts each of them', async () => {
    const { store, engine } = await open('alice', 'bob');
    const users = [ALICE, userCounter(idOf('bob'))];
    for (const counter of users) await wrong(store, counter);
    later(1);
    await tryOthers(engine, NAMES_REMEMBERED - users.length);
    const other = await openPlainStore(await bench.current.open());
    const names = [...users, ...Array.from({ length: 30 }, (_, number) => `name:at-once-${number}`)];
    const answers = await Promise.all(names.map((counter, index) => wrong(index % 2 === 0 ? store : other, counter)));
    expect(answers).toEqual(names.map(() => ({ kind: 'refused', retryAfterSeconds: 0 })));
    const rows = await engine.read((tx) => tx.all('SELECT counter, factor, failures FROM failures'));
    const countOf = (counter: string) =>
      rows.filter((row) => row.counter === counter).reduce((sum, row) => sum + Number(row.failures), 0);
    expect(names.map(countOf)).toEqual(names.map((_, index) => (index < users.length ? 2 : 1)));
  });

  it('counts what was forgotten of a user for the hard limit, without telling it, until an admin unlocks', async () => {
    const { store, engine } = await open('alice');
    const rules = { ...RULES, hardLimit: 7 };
    const alice = idOf('alice');
    for (let failure = 0; failure < 4; failure += 1) await bothWrong(store, 0, rules);
    await tryOthers(engine, NAMES_REMEMBERED);
    await wrong(store, 'name:more');
    for (let failure = 0; failure < 3; failure += 1) {
      expect(await store.userById(alice)).toMatchObject({ lockedUntil: null });
      expect(await bothWrong(store, 0, rules)).toEqual({
        alice: { kind: 'refused', retryAfterSeconds: 0 },
        nobody: { kind: 'refused', retryAfterSeconds: 0 },
      });
    }
    expect(await store.userById(alice)).toMatchObject({ lockedUntil: LOCKED_FOR_GOOD });
    const right = { counter: ALICE, known: true, right: true, rules };
    // Counted as a wrong one: for a name that nobody has there is no right one to tell it from.
    expect(await store.settlePassword(right)).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    expect(await store.settlePassword(right)).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await store.settlePassword(right)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await store.unlock(alice)).toBe(true);
    expect(await store.settlePassword(right)).toEqual({ kind: 'right' });
    expect(await store.userById(alice)).toMatchObject({ lockedUntil: null });
  });

  it('stays stopped for good when even that is forgotten', async () => {
    const { store, engine } = await open('alice');
    const rules = { ...RULES, hardLimit: 3 };
    for (let failure = 0; failure < 3; failure += 1) await bothWrong(store, 0, rules);
    // Everybody else waits as well: those who wait longest are forgotten then.
    await tryOthers(engine, NAMES_REMEMBERED);
    await engine.write((tx) =>
      tx.run("UPDATE failures SET locked_until = ? WHERE counter LIKE 'name:%' AND locked_until IS NULL", [
        now + 900_000,
      ]),
    );
    await wrong(store, 'name:more');
    expect(await bothWrong(store, 0, { ...rules, hardLimit: 100 })).toEqual({
      alice: { kind: 'refused', retryAfterSeconds: 0 },
      nobody: { kind: 'refused', retryAfterSeconds: 0 },
    });
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: LOCKED_FOR_GOOD });
  });

  it('forgets nothing that a login clears: the right password of a user starts anew, and no row is left', async () => {
    const { store, engine } = await open('alice');
    await wrong(store, ALICE);
    await tryOthers(engine, NAMES_REMEMBERED);
    await wrong(store, 'name:more');
    await wrong(store, ALICE);
    const ofAlice = () => engine.read((tx) => tx.all('SELECT factor FROM failures WHERE counter = ?', [ALICE]));
    expect(await ofAlice()).toHaveLength(2);
    await store.recordPasswordOnlyLogin({ userId: idOf('alice'), twoFactorRequired: 'by-user' });
    expect(await ofAlice()).toEqual([]);
  });
}

/** A store over `engine`, and the statements that it sends within its writes. */
async function listening(engine: SqlEngine): Promise<{ store: PlainStore; sent: string[] }> {
  const sent: string[] = [];
  const noted = <A extends readonly unknown[], R>(call: (sql: string, ...rest: A) => R) => {
    return (sql: string, ...rest: A): R => {
      // Which of its chains the audit trail takes has nothing to do with the name.
      if (!sql.includes('audit_')) sent.push(sql);
      return call(sql, ...rest);
    };
  };
  const write: SqlEngine['write'] = (work) =>
    engine.write((tx) =>
      work({ ...tx, all: noted(tx.all), run: noted(tx.run), runMany: noted(tx.runMany), later: noted(tx.later) }),
    );
  return { store: await openPlainStore({ ...engine, write }), sent };
}
