/** What the console says of clocks that are off, from a real audit trail. */
import { describe, expect, it } from 'vitest';
import { type TestConsole, testConsole } from '../support/test-console.tsx';

const PEOPLE = ['ada', 'bob', 'chen', 'dora', 'eve', 'finn'];

async function ward(stepsOff: Readonly<Record<string, number>>): Promise<TestConsole> {
  const place = await testConsole({
    people: PEOPLE.map((name) => ({ name, role: name === 'ada' ? 'admin' : 'user' })),
  });
  for (const [user, steps] of Object.entries(stepsOff)) {
    for (const event of ['code.wrong', 'login.granted'] as const) {
      await place.facility.audit.append({ event, user, stepsOff: steps });
    }
  }
  return place;
}

async function toOverview(place: TestConsole): Promise<void> {
  await place.signIn('ada');
  for (let screens = 0; !/Gatehouse . Overview/.test(place.screen()); screens += 1) {
    if (screens > 6) throw new Error(place.screen());
    place.type('\t');
  }
}

describe('the Overview', () => {
  it('says that the clock of the host is off, and how to mend it', async () => {
    const place = await ward({ bob: -4, chen: -4, dora: -5, eve: -4, finn: -4 });
    await toOverview(place);
    await place.until(/clock seems to be 130 seconds ahead/);
    place.type('\r');
    expect(await place.until(/To mend/)).toMatch(/timedatectl set-ntp true/);
  });

  it('says nothing where one phone alone is off', async () => {
    const place = await ward({ bob: 0, chen: 0, dora: -1, eve: 0, finn: -12 });
    await toOverview(place);
    await place.until(/only administrator/);
    await place.console.tick();
    expect(place.screen()).not.toMatch(/clock/);
  });
});

describe('User Properties', () => {
  it('has the hint for the one user whose phone is off, and how late each code was', async () => {
    const place = await ward({ bob: 0, chen: 0, dora: 0, eve: 0, ada: 0, finn: -3 });
    await place.signIn('ada');
    place.type('/finn\r\r');
    const screen = await place.until(/Phone's clock/);
    expect(screen).toMatch(/about 90 seconds behind; let the phone set it automatically/);
    expect(screen).toMatch(/code\.wrong \(3 steps late\)/);
  });

  it('has none for a user whose phone agrees with the others', async () => {
    const place = await ward({ bob: -6, chen: -6, dora: -6, eve: -6, ada: -6, finn: -6 });
    await place.signIn('ada');
    place.type('/finn\r\r');
    await place.until(/code\.wrong \(6 steps late\)/);
    expect(place.screen()).not.toMatch(/Phone's clock/);
  });
});
