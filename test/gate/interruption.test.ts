import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruption } from '../../src/gate/interruption.ts';

describe('what ends a login from outside', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function endOf(interrupt: ReturnType<typeof interruption>, ms: number): Promise<string> {
    await vi.advanceTimersByTimeAsync(ms);
    return Promise.race([interrupt.happened, Promise.resolve('going on')]);
  }

  it('is the time, unless something else was first', async () => {
    expect(await endOf(interruption(60), 59_999)).toBe('going on');
    expect(await endOf(interruption(60), 60_000)).toBe('timed-out');
    const cancelled = interruption(60);
    cancelled.now('cancelled');
    expect(await endOf(cancelled, 60_000)).toBe('cancelled');
  });

  it('gives a pairing its own time, and never less than there was', async () => {
    const pairing = interruption(60);
    pairing.allow(900);
    expect(await endOf(pairing, 899_999)).toBe('going on');
    expect(await endOf(pairing, 1)).toBe('timed-out');
    const short = interruption(60);
    short.allow(10);
    expect(await endOf(short, 59_000)).toBe('going on');
  });

  it('is nothing once the login is over', async () => {
    const over = interruption(60);
    over.over();
    expect(await endOf(over, 120_000)).toBe('going on');
  });
});
