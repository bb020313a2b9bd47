/** What somebody who logs in hears of a machine that broke, and the exit status that goes with it. */
import { expect, it } from 'vitest';
import { EXIT_STATUS, Fault, type FaultCode } from '../../../src/core/errors.ts';
import { exitStatusOf } from '../../../src/core/login/message.ts';
import { unavailableBecause } from '../../../src/core/login/unavailable.ts';

it('names one of four reasons, and words of the fault only where config.ini is wrong', () => {
  const reasons = (Object.keys(EXIT_STATUS) as FaultCode[]).map((code) => [
    code,
    unavailableBecause(new Fault(code, '/secret/path')),
  ]);
  expect(Object.fromEntries(reasons)).toEqual({
    usage: { reason: 'unavailable' },
    'bad-data': { reason: 'unavailable' },
    'not-found': { reason: 'unavailable' },
    unavailable: { reason: 'unavailable' },
    'file-refused': { reason: 'unavailable' },
    internal: { reason: 'internal' },
    exists: { reason: 'unavailable' },
    busy: { reason: 'busy' },
    denied: { reason: 'unavailable' },
    configuration: { reason: 'configuration', text: '/secret/path' },
    cancelled: { reason: 'unavailable' },
  });
  expect(unavailableBecause(new TypeError('a defect'))).toEqual({ reason: 'internal' });
});

it('does not say "try again in a moment" where nothing passes by itself', () => {
  const lasting = (code: FaultCode) => unavailableBecause(new Fault(code, 'full', { lasting: true }));
  expect(lasting('busy')).toEqual({ reason: 'busy', notice: 'unavailable' });
  expect(lasting('unavailable')).toEqual({ reason: 'unavailable' });
});

it('ends with the exit status of the reason', () => {
  const status = (reason: 'busy' | 'unavailable' | 'configuration' | 'internal' | 'timed-out') =>
    exitStatusOf({ type: 'done', outcome: 'unavailable', reason });
  expect([status('busy'), status('unavailable'), status('configuration'), status('internal')]).toEqual([
    75, 69, 78, 70,
  ]);
  // Of a newer server, a reason that this version does not know.
  expect(status('timed-out')).toBe(69);
});
