/** C6 and C10 with everything there is to come in by: one budget, whoever asks and however many ask at once. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openGate } from '../../src/gate/index.ts';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { jsonLogin } from '../support/host-login.ts';
import { converse, jsonPeer } from '../support/json-peer.ts';
import { openPty } from '../support/pty-screen.ts';
import { PASSWORD, servedFacility } from '../support/served-facility.ts';
import { doneOf, logOn } from '../support/temporary-facility.ts';
import { recordsIn } from '../support/trail-records.ts';

/** Seven programs twice, on a machine that may have more to do. */
vi.setConfig({ testTimeout: 180_000 });

const BUDGET = 7;

describe('one budget', () => {
  // One wrong code ends a log-on, so that each way in spends one.
  const facility = servedFacility(
    ['bob', 'carol'],
    `[Login]\nAttempts=1\nTimeoutSeconds=900\n[Lockout]\nCodeFailures=${BUDGET}\n`,
  );

  async function count(event: string, user: string): Promise<number> {
    const records = await recordsIn(readConfigFile(facility.config).config, { user });
    return records.filter((record) => record.event === event).length;
  }

  /** The same facility without its server, for whoever opens it directly. */
  function directConfig(): string {
    const direct = join(facility.folder, 'direct.ini');
    const text = readFileSync(facility.config, 'utf8').replaceAll(/^(Host)?Socket=.*\n/gm, '');
    writeFileSync(direct, text, { mode: 0o600 });
    return direct;
  }

  it('is shared by log-on, thin client, both sockets, library, plain prompts and the console (C10)', async () => {
    await facility.serve();
    const direct = directConfig();
    const gate = openGate({ config: direct });

    async function byProgram(config: string, code: string): Promise<unknown> {
      const environment = { GATEHOUSE_CONFIG: config };
      const { done } = await jsonLogin('/', { username: 'bob', password: PASSWORD, code }, { environment });
      return done?.outcome;
    }

    async function bySocket(path: string, begin: object, code: string): Promise<unknown> {
      return (await converse(await jsonPeer(path), { user: 'bob', ...begin }, { password: PASSWORD, code })).at(-1)
        ?.outcome;
    }

    /** Denied is all that is said of the right code, too. */
    async function byTerminal(words: readonly string[], code: string): Promise<unknown> {
      const pty = openPty(GATEHOUSE, ['--config', direct, ...words]);
      await pty.until(/User name:? ?$|› User name/m);
      pty.type('bob\r');
      await pty.until(/Password:? ?$|› Password/m);
      pty.type(`${PASSWORD}\r`);
      await pty.until(/Code:? ?$|› Code/m);
      pty.type(`${code}\r`);
      await pty.until(/That code is not right|Login incorrect/);
      pty.close();
      return 'denied';
    }

    const ways: readonly ((code: string) => Promise<unknown>)[] = [
      (code) => byProgram(direct, code),
      (code) => byProgram(facility.config, code),
      (code) => bySocket(facility.socket, {}, code),
      (code) => bySocket(facility.hostSocket, { passwordChecked: true }, code),
      async (code) => doneOf(await logOn(gate.begin({ user: 'bob' }), { password: PASSWORD, code })).outcome,
      (code) => byTerminal(['login', '--front-end', 'line'], code),
      (code) => byTerminal([], code),
    ];
    expect(ways).toHaveLength(BUDGET);
    for (const way of ways) expect(await way('000000')).toBe('denied');
    expect(await count('code.wrong', 'bob')).toBe(BUDGET);
    for (const way of ways) expect(await way(facility.code('bob'))).toBe('denied');
    expect(await count('code.wrong', 'bob')).toBe(BUDGET);
    // The first of those that were given while locked; the others are only counted.
    expect(await count('code.locked', 'bob')).toBe(1);
    expect(await count('login.granted', 'bob')).toBe(0);
    await gate.close();
  });

  it('is not widened by 200 hosts that guess codes of one user at once (C6)', async () => {
    await facility.serve();
    const peers = await Promise.all(Array.from({ length: 200 }, () => jsonPeer(facility.hostSocket)));
    const guesses = peers.map((peer, index) =>
      converse(peer, { user: 'carol', passwordChecked: true }, { code: String(100_000 + index) }),
    );
    const verdicts = (await Promise.all(guesses)).map((said) => said.at(-1)?.outcome);
    expect(verdicts.filter((outcome) => outcome === 'denied')).toHaveLength(200);
    expect(await count('code.wrong', 'carol')).toBe(BUDGET);
    // The first of those that were given while locked; the others are only counted.
    expect(await count('code.locked', 'carol')).toBe(1);
  });
});
