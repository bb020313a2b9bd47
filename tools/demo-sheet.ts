/** What somebody who plays with the demo has to know: names, the password, and the codes that their phones would show. */
import { readConfigFile } from '../src/core/node/config-file.ts';
import { openFacility } from '../src/core/node/facility.ts';
import type { User } from '../src/core/ports.ts';
import { PERIOD_SECONDS, timeStepAt } from '../src/core/time-step.ts';
import { stateAt } from '../src/core/two-factor.ts';
import type { EpochMs } from '../src/core/user.ts';
import type { DemoFacility } from './demo-facility.ts';
import { DEMO_PASSWORD, ROLL_OUT } from './demo-people.ts';

/** One row a line, 79 columns at most. Reads the facility: whoever plays may have changed everything. */
export async function demoSheet({ configFile, phones, pairings }: DemoFacility): Promise<readonly string[]> {
  const facility = await openFacility(readConfigFile(configFile).config);
  try {
    const now = facility.clock.now();
    const rows = await Promise.all(
      CAST.map(async ({ name, part }) => {
        const directory = await facility.directory();
        const user = await directory.find(name);
        return `  ${name.padEnd(8)}${part.padEnd(41)}${user === undefined ? 'removed' : codesOf(user, now)}`;
      }),
    );
    return [
      `  Everybody's password: ${DEMO_PASSWORD}`,
      '',
      `  ${'NAME'.padEnd(8)}${''.padEnd(41)}CODES, each good once`,
      ...rows,
    ];
  } finally {
    await facility.close();
  }

  function codesOf(user: User, now: EpochMs): string {
    const { state, pairing } = { ...user.twoFactor, state: stateAt(user.twoFactor, now) };
    if (state === 'off') return 'none asked';
    if (pairing === null || state !== 'paired') return 'a phone of yours';
    // Those that were used are over; RFC 6238 §5.2.
    const from = Math.max(timeStepAt(now), (pairing.lastStep ?? 0) + 1);
    const codes = [0, 1, 2].map((ahead) => phones.code(user.name, (from + ahead) * PERIOD_SECONDS * 1000));
    return pairings.get(user.name) === pairing.id ? codes.join('  ') : 'your own phone';
  }
}

const CAST = [
  { name: 'ada', part: 'administrator: everything in the console' },
  { name: 'hana', part: 'help desk: console, plain users only' },
  { name: 'ines', part: 'auditor: console, reads only' },
  { name: 'alice', part: 'Emergency, has a phone' },
  { name: 'nadia', part: 'Intensive Care, has to pair a phone' },
  { name: 'zoe', part: `Theatre, may pair later for ${ROLL_OUT.fromDate.Theatre} days` },
  { name: 'felix', part: 'Pharmacy, two-factor not required yet' },
] as const;
