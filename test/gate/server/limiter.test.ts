/** C6, C10 by the sockets: guesses that come all at once, by both ways in, are counted by the counters of the facility. */
import { describe, expect, it } from 'vitest';
import { converse, jsonPeer, type Line } from '../../support/json-peer.ts';
import { PASSWORD, servedFacility } from '../../support/served-facility.ts';
import { recordsIn } from '../../support/trail-records.ts';

const BUDGET = 5;

describe('a budget of five failures', () => {
  const facility = servedFacility(['bob', 'carol'], `[Lockout]\nPasswordFailures=${BUDGET}\nCodeFailures=${BUDGET}\n`);

  async function audited(name: string): Promise<number> {
    return (await recordsIn(facility.folder)).filter(({ event }) => event === name).length;
  }

  it('is not widened by 60 hosts that guess codes at once, nor by the other socket', async () => {
    await facility.serve();
    const guess = async (index: number): Promise<Line | undefined> => {
      const code = String(100_000 + index);
      const vouched = index % 2 === 0;
      const peer = await jsonPeer(vouched ? facility.hostSocket : facility.socket);
      const begin = vouched ? { user: 'bob', passwordChecked: true } : { user: 'bob' };
      return (await converse(peer, begin, { password: PASSWORD, code })).at(-1);
    };
    const verdicts = await Promise.all(Array.from({ length: 60 }, (_, index) => guess(index)));
    expect(verdicts.filter((done) => done?.outcome === 'denied')).toHaveLength(60);
    expect(await audited('code.wrong')).toBe(BUDGET);
    const right = { password: PASSWORD, code: () => facility.code('bob') };
    const late = await converse(await jsonPeer(facility.hostSocket), { user: 'bob', passwordChecked: true }, right);
    expect(late.at(-1)).toMatchObject({ outcome: 'denied', retryAfterSeconds: expect.any(Number) });
  });

  it('is not widened by 40 terminals that guess passwords at once', async () => {
    await facility.serve();
    const guess = async (): Promise<Line | undefined> =>
      (await converse(await jsonPeer(facility.socket), { user: 'carol' }, { password: 'a guess' })).at(-1);
    const verdicts = await Promise.all(Array.from({ length: 40 }, guess));
    expect(verdicts.filter((done) => done?.outcome === 'denied')).toHaveLength(40);
    expect(await audited('password.wrong')).toBe(BUDGET);
    const right = { password: PASSWORD, code: () => facility.code('carol') };
    const late = await converse(await jsonPeer(facility.socket), { user: 'carol' }, right);
    expect(late.at(-1)).toMatchObject({ outcome: 'denied' });
  });
});
