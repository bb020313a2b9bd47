/**
 * The trap: a code of a QR code that was replaced while its login waited counted as a wrong one, so that people who did
 * nothing wrong were locked out. Its secret is gone: the code is not judged, not counted, and the person is told why.
 */
import { expect, it } from 'vitest';
import type { Ask, Message, Pair } from '../../src/core/login/message.ts';
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

/** A login up to the question for the code, and its rest. */
async function upToCode(place: TemporaryFacility) {
  const login = place.converse({ user: 'alice' });
  const [ask] = askIn(await login.start());
  const said = await login.answer(ask?.id ?? 0, PASSWORD);
  const [question] = askIn(said);
  expect(question?.field).toBe('code');
  return {
    pair: said.find((message): message is Pair => message.type === 'pair'),
    answer: (code: string) => login.answer(question?.id ?? 0, code),
  };
}

const askIn = (said: readonly Message[]) => said.filter((message): message is Ask => message.type === 'ask');

function codeOf(place: TemporaryFacility, uri: string, stepsAhead = 0): string {
  return codeAt(secretBytes(secretIn(uri)), timeStepAt(place.clock.now()) + stepsAhead);
}

async function eventsOf(place: TemporaryFacility): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const { event, detail } of place.facility.trail.read({ user: 'alice' }))
    events.push(`${event} ${detail ?? ''}`.trim());
  return events;
}

it('is said of a QR code that another login replaced', async () => {
  const place = await temporaryFacility();
  await place.addUser('alice');
  await place.require('alice');
  const first = await upToCode(place);
  const second = await upToCode(place);
  const said = await first.answer(codeOf(place, first.pair?.uri ?? ''));
  expect(doneOf(said)).toMatchObject({ outcome: 'denied' });
  expect(noticesOf(said).join(' ')).toContain('This QR code is no longer valid');
  expect(doneOf(await second.answer(codeOf(place, second.pair?.uri ?? '')))).toMatchObject({
    outcome: 'granted',
    paired: true,
  });
  expect(await eventsOf(place)).not.toContain('code.wrong');
});

it('is said of a phone that was unpaired or replaced at the question for its code, and never locks anybody', async () => {
  const place = await temporaryFacility('2FA=Central:Ward LIVE\n[Lockout]\nCodeFailures=1\n');
  const { id } = await place.addUser('alice');
  await place.require('alice');
  const directory = await place.facility.directory();
  const newQr = async () => {
    const shown = await directory.showQr(ADMIN, id);
    if (shown.kind === 'refused') throw new Error(shown.text);
    return shown.uri;
  };
  let uri = await newQr();
  for (let round = 0; round < 3; round += 1) {
    place.clock.advance(60_000);
    expect(
      doneOf(await logOn(place.converse({ user: 'alice' }), { password: PASSWORD, code: codeOf(place, uri) })).outcome,
    ).toBe('granted');
    place.clock.advance(60_000);
    const waiting = await upToCode(place);
    await directory.deactivate(ADMIN, id);
    if (round > 0) await place.require('alice');
    const next = round > 1 ? await newQr() : undefined;
    const said = await waiting.answer(codeOf(place, uri));
    expect(doneOf(said)).toEqual({ type: 'done', outcome: 'denied', reason: 'login-incorrect' });
    expect(noticesOf(said).join(' ')).toContain('unpaired or replaced');
    if (round === 0) await place.require('alice');
    uri = next ?? (await newQr());
  }
  const events = await eventsOf(place);
  expect(events).not.toContain('code.wrong');
  expect(events.filter((event) => event === 'login.denied two-factor-changed')).toHaveLength(3);
});
