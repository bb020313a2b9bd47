import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';
import type { SetUpDone, SetUpRequest } from '../../src/tui/flows/set-up.ts';
import { lookOf } from '../../src/tui/look.ts';
import { SetUp } from '../../src/tui/open-set-up.tsx';
import { createSetUpConsole, type SetUpEnd } from '../../src/tui/set-up-console.ts';
import { keysOf } from '../support/test-console.tsx';

type Init = (request: SetUpRequest) => Promise<SetUpDone>;

/** A wizard whose facility is made by `init`. */
function wizard(init: Init = async ({ adminName }) => ({ admin: adminName, qr: undefined }), environment = {}) {
  const requests: SetUpRequest[] = [];
  const { promise: end, resolve: onEnd } = Promise.withResolvers<SetUpEnd>();
  const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment };
  const capabilities = terminalCapabilities({ env, output: { isTTY: true, columns: 80, rows: 24 }, colour: 'auto' });
  const console = createSetUpConsole({
    service: {
      configFile: '/srv/ward/config.ini',
      init(request) {
        requests.push(request);
        return init(request);
      },
    },
    clock: { now: () => 0 },
    look: () => lookOf(capabilities, 'auto'),
    size: { columns: 80, rows: 24 },
    onEnd,
    onRedraw() {},
  });
  console.start();
  function screen(): string {
    const frame = renderToString(<SetUp console={console} />, { columns: 80 });
    console.wasRead(console.question());
    return frame.replace(/\x1b\[[\d;]*m/g, '');
  }
  async function until(wanted: RegExp): Promise<string> {
    for (let turn = 0; turn < 2000; turn += 1) {
      const shown = screen();
      if (wanted.test(shown)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`never saw ${wanted}:\n${screen()}`);
  }
  return { requests, end, screen, until, type: (bytes: string) => console.press(keysOf(bytes)) };
}

const PASSWORD = 'several good words';

describe('the set-up wizard', () => {
  it('explains each mode, previews the label, and makes the facility with the last step alone', async () => {
    const { requests, end, until, type } = wizard();
    await until(/at the next log-on/);
    type('\x1b[C');
    await until(/hand it out/);
    type('\x1b[C');
    await until(/! Nobody is asked for a code/);
    type('\x1b[C\r');
    await until(/For example: Codectomy/);
    type('Ward');
    expect(await until(/Ward: alice/)).toMatch(/! Name the facility and the system type/);
    type(' LIVE');
    const screen = await until(/Ward LIVE: alice/);
    expect(screen).not.toContain('! Name');
    type('\r');
    expect(await until(/User name/)).toMatch(/overwrites nothing:[\s\S]*\/srv\/ward\/config\.ini/);
    expect(requests).toEqual([]);
    type(`ada\t${PASSWORD}\t${PASSWORD}\r`);
    expect(await end).toEqual({ kind: 'set-up', admin: 'ada' });
    expect(requests).toEqual([{ mode: { kind: 'auto', label: 'Ward LIVE' }, adminName: 'ada', password: PASSWORD }]);
  });

  it('goes back step by step with Esc, keeps what was typed but for passwords, and leaves with 130', async () => {
    const { requests, end, until, screen, type } = wizard();
    await until(/how codes get/);
    type('\r');
    await until(/the label/);
    type('Ward LIVE\r');
    await until(/User name/);
    type(`ada\t${PASSWORD}\x1b`);
    await until(/the label[\s\S]*Ward LIVE/);
    type('\r');
    await until(/User name +ada _/);
    expect(screen()).not.toMatch(/•/);
    type('\x1b');
    await until(/the label/);
    type('\x1b');
    await until(/how codes get/);
    type('\x1b');
    expect(await end).toEqual({ kind: 'left', status: 130 });
    expect(requests).toEqual([]);
  });

  it('stays with a sentence where passwords differ, a label will not do, or the facility cannot be made', async () => {
    const { requests, until, type } = wizard(async () => {
      throw new Fault('exists', '/srv/ward/config.ini is there already.', { hint: 'Nothing was changed.' });
    });
    await until(/how codes get/);
    type('\r');
    await until(/the label/);
    type('\r');
    await until(/The label is missing/);
    type('a:b\r');
    await until(/a colon in it/);
    type('\x15Ward LIVE\r');
    await until(/User name/);
    type(`ada\t${PASSWORD}\tanother one\r`);
    await until(/not the same/);
    expect(requests).toEqual([]);
    type(`\x15${PASSWORD}\r`);
    await until(/is there already\. Nothing was changed/);
  });

  it('asks no label where two-factor is off, and a longer password', async () => {
    const { requests, end, until, type } = wizard();
    await until(/how codes get/);
    type('\x1b[D\r');
    await until(/User name/);
    type('ada\t');
    await until(/At least 15 characters/);
    type(`${PASSWORD}\t${PASSWORD}\r`);
    await end;
    expect(requests[0]?.mode).toEqual({ kind: 'off' });
  });

  it('takes a facility that was made while somebody gave up for made', async () => {
    const { promise, resolve } = Promise.withResolvers<SetUpDone>();
    const { end, until, type } = wizard(() => promise);
    await until(/how codes get/);
    type('\x1b[D\r');
    await until(/User name/);
    type(`ada\t${PASSWORD}\t${PASSWORD}\r`);
    await until(/One moment/);
    type('\x1b');
    resolve({ admin: 'ada', qr: undefined });
    expect(await end).toEqual({ kind: 'set-up', admin: 'ada' });
  });

  it('has 7 bits on a terminal that has no more', async () => {
    const { until, type } = wizard(undefined, { LANG: 'C', TERM: 'vt220' });
    expect(await until(/how codes get/)).toMatch(/^[\x20-\x7e\n]*$/);
    type('\x1bOP');
    await until(/Keys/);
  });
});
