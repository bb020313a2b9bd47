/** Clocks that are wrong: what administrators are told, and what whoever types a code is not told. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/login/message.ts';
import { examine } from '../../src/core/node/doctor.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt } from '../../src/core/totp.ts';
import { secretBytes } from '../support/authenticator.ts';
import { secretIn } from '../support/host-login.ts';
import {
  ADMIN,
  doneOf,
  logOn,
  noticesOf,
  PASSWORD,
  type TemporaryFacility,
  temporaryFacility,
} from '../support/temporary-facility.ts';

const PEOPLE = ['ada', 'bob', 'chen', 'dora', 'eve', 'finn'];

type Ward = TemporaryFacility & {
  /** The code that a phone shows whose clock differs by so many seconds from the host's. */
  shownBy(name: string, phoneSeconds: number): string;
  logOn(name: string, ...codes: readonly (string | (() => string))[]): Promise<readonly Message[]>;
};

async function ward(): Promise<Ward> {
  // The clock of `doctor` is the machine's.
  const place = await temporaryFacility('2FA=Central:Ward LIVE\n');
  place.clock.set(Date.now() - 3_600_000);
  const secrets = new Map<string, Uint8Array>();
  const directory = await place.facility.directory();
  for (const name of PEOPLE) {
    const { id } = await place.addUser(name);
    await place.require(name);
    const shown = await directory.showQr(ADMIN, id);
    if (shown.kind === 'refused') throw new Error(shown.text);
    secrets.set(name, secretBytes(secretIn(shown.uri)));
  }
  return {
    ...place,
    shownBy: (name, seconds) =>
      codeAt(secrets.get(name) ?? new Uint8Array(), timeStepAt(place.clock.now() + seconds * 1000)),
    logOn(name, ...codes) {
      const left = [...codes];
      const next = () => {
        const code = left.shift();
        return typeof code === 'function' ? code() : (code ?? '000 000');
      };
      return logOn(place.converse({ user: name }), { password: PASSWORD, code: next });
    },
  };
}

async function recorded(place: Ward, event: string) {
  const records = [];
  for await (const record of place.facility.trail.read()) {
    if (record.event === event) records.push({ user: record.user, stepsOff: record.stepsOff });
  }
  return records;
}

async function phonesCheck(place: Ward) {
  const checks = await examine({ configFile: join(place.folder, 'config.ini'), actor: 'tester' });
  return checks.find(({ name }) => name === 'phones');
}

describe('a host whose clock is five minutes ahead', () => {
  it('lets nobody in by right codes, and doctor says why', async () => {
    const place = await ward();
    expect(await phonesCheck(place)).toMatchObject({ level: 'ok', text: expect.stringContaining('0 gave one') });
    for (const name of PEOPLE) {
      const said = await place.logOn(name, place.shownBy(name, -300));
      expect(doneOf(said).outcome).toBe('denied');
    }
    expect(await recorded(place, 'code.wrong')).toContainEqual({ user: 'ada', stepsOff: -10 });
    expect(await phonesCheck(place)).toEqual({
      name: 'phones',
      level: 'warn',
      text: "This host's clock seems to be 300 seconds ahead, by the codes of 6 users. Set it by a time server: timedatectl set-ntp true",
    });
  });

  it('is in order for doctor where one phone alone is that far off', async () => {
    const place = await ward();
    for (const name of PEOPLE) await place.logOn(name, place.shownBy(name, name === 'finn' ? -300 : 0));
    expect(await phonesCheck(place)).toMatchObject({ level: 'ok', text: 'The codes of 6 users agree with the clock.' });
  });
});

describe('a wrong code that would be right at another time', () => {
  it('gets the same answer as any other wrong code: nobody learns that it will be right in two minutes', async () => {
    const place = await ward();
    const soon = place.shownBy('ada', 120);
    const never = ['111111', '222222'].find((code) => code !== soon) ?? '';
    const told = (said: readonly Message[]) => said.map((message) => JSON.stringify(message));
    const near = await place.logOn('ada', soon);
    const other = await place.logOn('bob', never);
    expect(told(near).map((line) => line.replaceAll('ada', 'bob'))).toEqual(told(other));
    expect(await recorded(place, 'code.wrong')).toContainEqual({ user: 'ada', stepsOff: 4 });
  });

  it('is none that was accepted before: a used code says nothing about the phone', async () => {
    const place = await ward();
    const used = place.shownBy('ada', 0);
    expect(doneOf(await place.logOn('ada', used)).outcome).toBe('granted');
    place.clock.advance(120_000);
    await place.logOn('ada', used);
    expect((await recorded(place, 'code.wrong')).map(({ stepsOff }) => stepsOff)).not.toContain(-4);
  });

  it('becomes a hint for whoever proves the phone right after it, and for nobody else', async () => {
    const place = await ward();
    // 40 s into a minute: the phone, 50 s behind, is two steps behind, and one step ten seconds later.
    place.clock.set(Math.floor(place.clock.now() / 60_000) * 60_000 + 40_000);
    const slow = () => place.shownBy('ada', -50);
    const said = await place.logOn('ada', slow(), () => {
      place.clock.advance(15_000);
      return slow();
    });
    expect(doneOf(said).outcome).toBe('granted');
    expect(noticesOf(said).filter((text) => /clock of your phone/.test(text))).toEqual([
      expect.stringContaining("60 seconds behind this system's"),
    ]);
    const typo = await place.logOn('bob', '000000', () => place.shownBy('bob', 0));
    expect(noticesOf(typo).filter((text) => /clock of your phone/.test(text))).toEqual([]);
  });
});
