import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { watchStore } from '../../src/tui/live-refresh.ts';
import { steppedClock } from '../support/temporary-facility.ts';

/** A store whose revision is set by the test, and a reading that takes `readingMs`. */
function watched(readingMs = 0) {
  const clock = steppedClock(0);
  const told: string[] = [];
  let revision: string | Fault = 'a';
  let readings = 0;
  const watch = watchStore({
    directory: {
      async revision() {
        if (revision instanceof Fault) throw revision;
        return revision;
      },
    },
    clock,
    async onChange() {
      readings += 1;
      clock.advance(readingMs);
    },
    onFault: (text) => told.push(text),
  });
  return {
    ...{ watch, clock, told },
    readings: () => readings,
    write: (next: string | Fault) => {
      revision = next;
    },
  };
}

describe('watching the store', () => {
  it('reads again when anybody has written, and not when nobody has', async () => {
    const { watch, readings, write } = watched();
    await watch.begin();
    await watch.poll();
    expect(readings()).toBe(0);
    write('b');
    await watch.poll();
    await watch.poll();
    expect(readings()).toBe(1);
  });

  it('waits four times as long as a reading took before the next', async () => {
    const { watch, readings, write, clock } = watched(500);
    await watch.begin();
    for (const revision of ['b', 'c']) {
      write(revision);
      await watch.poll();
    }
    expect(readings()).toBe(1);
    clock.advance(2000);
    await watch.poll();
    expect(readings()).toBe(2);
  });

  it('looks at once after a write of its own', async () => {
    const { watch, readings, write } = watched(500);
    await watch.begin();
    write('b');
    await watch.poll();
    write('c');
    watch.soon();
    await watch.poll();
    expect(readings()).toBe(2);
  });

  it('says once that the store cannot be asked, and again only after it could', async () => {
    const { watch, told, write } = watched();
    await watch.begin();
    const away = new Fault('busy', 'The database is locked.');
    for (const state of [away, away, 'b', away]) {
      write(state);
      await watch.poll();
    }
    expect(told).toEqual(['The database is locked.', 'The database is locked.']);
  });
});
