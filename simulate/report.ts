/** The day as text: what was assumed, hour by hour, the shift changes, refusals, the roll-out, and whether it all adds up. */

import { median, quantile } from '../bench/statistics.ts';
import type { AuditEventName } from '../src/core/audit-event.ts';
import { CHANGE_MS, HOUR_MS, SHIFT_CHANGES } from './day-plan.ts';
import { GUESSING, OUTAGE, ROLL_OUT_AT } from './events.ts';
import type { Model } from './model.ts';
import { type Day, MIDNIGHT, type Size } from './simulation.ts';
import type { Arrival } from './tally.ts';

export function dayText(size: Size, model: Model, day: Day): string {
  const problems = problemsOf(day);
  return `${[
    ...assumptions(size, model, day),
    '',
    ...hours(day),
    '',
    ...shiftChanges(day),
    '',
    ...verdicts(day),
    '',
    ...refusals(day),
    '',
    ...incidents(day),
    '',
    ...(problems.length === 0 ? sound(day) : problems.map((problem) => `WRONG: ${problem}`)),
  ].join('\n')}\n`;
}

/** What must hold of any day; empty where it does. */
export function problemsOf({ tally, audit }: Day): readonly string[] {
  const problems: string[] = [];
  const open = tally.arrivals.filter(({ outcome }) => outcome === undefined).length;
  if (open > 0) problems.push(`${open} arrivals ended without a verdict.`);
  if (tally.grantsWithoutProof > 0) problems.push(`${tally.grantsWithoutProof} grants without a claim in the store.`);
  if (!audit.ok) problems.push(`The audit trail is broken after record ${audit.records}.`);
  const grants = tally.arrivals.filter(({ outcome }) => outcome === 'granted').length;
  const recorded = (tally.events.get('login.granted') ?? 0) + (tally.events.get('login.deferred') ?? 0);
  if (grants !== recorded) problems.push(`${grants} logins were granted, the audit trail has ${recorded}.`);
  return problems;
}

function assumptions({ users, sites, seed, engine }: Size, model: Model, day: Day): readonly string[] {
  const stages = Map.groupBy(day.hospital.sites, ({ stage }) => stage);
  const of = (stage: 'paired' | 'today' | 'dated' | 'off') => stages.get(stage)?.length ?? 0;
  return [
    `A hospital's day: ${number(users)} users at ${sites} sites, seed ${seed}, store engine ${engine}.`,
    `Sites: ${of('paired')} paired, ${of('today')} with Require 2FA this morning, ${of('dated')} asked from a date on, ${of('off')} without.`,
    `One server with ${model.cores === 1 ? '1 core: 1 password' : `${model.cores} cores: ${model.cores} passwords`} hashed at a time, in the order in which they came; the store does one thing at a time.`,
    `Service times ${model.source}: argon2id ${model.hashMs} ms, store and audit trail ${model.storeMs} ms a log-on.`,
    'Real: login machine, store and its file, lockout, audit trail, codes. Modelled: the time that hashing and storing take, and the people.',
  ];
}

function hours({ tally, server }: Day): readonly string[] {
  const rows = Array.from({ length: 24 }, (_, hour) => {
    const from = MIDNIGHT + hour * HOUR_MS;
    const to = from + HOUR_MS;
    const arrivals = tally.arrivals.filter(({ at }) => at >= from && (at < to || hour === 23));
    const granted = arrivals.filter(({ outcome }) => outcome === 'granted').length;
    return [
      `${String(hour).padStart(2, '0')}:00`,
      number(arrivals.length),
      number(granted),
      number(arrivals.length - granted),
      ...waits(arrivals),
      percent(server.hashing.busyMs(from, to) / server.hashing.places / HOUR_MS),
      percent(server.store.busyMs(from, to) / HOUR_MS),
    ];
  });
  return table(['hour', 'arrivals', 'granted', 'not', 'wait p50', 'p95', 'max', 'cores', 'store'], rows);
}

function shiftChanges({ tally, server }: Day): readonly string[] {
  const rows = SHIFT_CHANGES.map(({ name, from }) => {
    const begin = MIDNIGHT + from;
    const end = begin + CHANGE_MS;
    const arrivals = tally.arrivals.filter(({ at }) => at >= begin && at < end);
    const minute = busiestMinute(arrivals, begin);
    return [
      `${clock(from)}-${clock(from + CHANGE_MS)} ${name}`,
      number(arrivals.length),
      number(minute),
      ...waits(arrivals),
      percent(server.hashing.busyMs(begin, end) / server.hashing.places / CHANGE_MS),
      percent(server.store.busyMs(begin, end) / CHANGE_MS),
    ];
  });
  return table(['ten minutes', 'arrivals', 'in the busiest minute', 'wait p50', 'p95', 'max', 'cores', 'store'], rows);
}

function busiestMinute(arrivals: readonly Arrival[], begin: number): number {
  const minutes = Map.groupBy(arrivals, ({ at }) => Math.floor((at - begin) / 60_000));
  return Math.max(0, ...[...minutes.values()].map((those) => those.length));
}

function verdicts({ tally }: Day): readonly string[] {
  const of = (outcome: string) => tally.arrivals.filter((arrival) => arrival.outcome === outcome).length;
  const outcomes = ['granted', 'denied', 'cancelled', 'unavailable'].map(
    (outcome) => `${number(of(outcome))} ${outcome}`,
  );
  const methods = [...tally.methods].sort(([one], [other]) => one.localeCompare(other));
  return [
    `${number(tally.arrivals.length)} arrivals: ${outcomes.join(', ')}.`,
    `Granted by ${methods.map(([method, count]) => `${method} ${number(count)}`).join(', ')}.`,
  ];
}

const REFUSALS: readonly (readonly [AuditEventName, string])[] = [
  ['password.wrong', 'wrong password, unknown name or disabled'],
  ['password.locked', 'password while locked'],
  ['code.wrong', 'wrong code'],
  ['code.reused', 'code that was used already'],
  ['code.locked', 'code while locked'],
];

function refusals({ tally }: Day): readonly string[] {
  const rows = REFUSALS.map(([event, text]) => [text, number(tally.events.get(event) ?? 0)]);
  return table(['refused answers', 'times'], rows);
}

function incidents({ tally, activated }: Day): readonly string[] {
  const of = (event: AuditEventName) => number(tally.events.get(event) ?? 0);
  const calls = [...tally.calls].map(([what, count]) => `${what} ${number(count)}`).join('; ');
  return [
    `${clock(ROLL_OUT_AT)}  Require 2FA for ${number(activated)} users; ${of('pairing.issued')} QR codes shown that day, ${of('pairing.confirmed')} phones paired, ${of('login.deferred')} times "later".`,
    `${clock(GUESSING.from)}  A stranger tries one account in ${GUESSING.guesses} log-ons.`,
    `${clock(OUTAGE.from)}  The server is down for ${OUTAGE.minutes} minutes: ${number(unavailable(tally.arrivals))} log-ons are told to try again.`,
    `Help desk: ${calls === '' ? 'no call' : calls}. ${number(tally.givenUp)} gave up.`,
  ];
}

function unavailable(arrivals: readonly Arrival[]): number {
  return arrivals.filter(({ outcome }) => outcome === 'unavailable').length;
}

function sound({ tally, audit }: Day): readonly string[] {
  return [
    `It adds up: ${number(tally.arrivals.length)} arrivals, ${number(tally.arrivals.length)} verdicts; no grant without a claim in the store; ${number(audit.records)} audit records, the chain whole.`,
  ];
}

function waits(arrivals: readonly Arrival[]): readonly string[] {
  const waited = arrivals.map(({ waitedMs }) => waitedMs);
  if (waited.length === 0) return ['', '', ''];
  return [median(waited), quantile(waited, 0.95), Math.max(...waited)].map(duration);
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

/** Of the day: 06:30. */
function clock(ms: number): string {
  return new Date(MIDNIGHT + ms).toISOString().slice(11, 16);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
