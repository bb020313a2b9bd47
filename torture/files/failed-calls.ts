/**
 * One call to the file system fails, at any place of a save, a log-on, an audit record, a key or a changed configuration. Then there is an error and never a
 * grant, what was there before is whole, what was acknowledged is there, and the next try works as if nothing had been.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { toFault } from '../../src/core/errors.ts';
import { type ArmedFault, faulty, type Struck } from '../counted-calls.ts';
import { torturedFacility } from '../facility.ts';
import type { Random } from '../random.ts';
import type { Torment, Victim } from '../torment.ts';
import { auditRecords, configChanges, type Deed, type DeedOutcome, keyChanges, logOns, saves } from './deeds.ts';

export const failedCalls: Torment = {
  name: 'failed-calls',
  about:
    'each call of a save, log-on, audit record, key or config change fails in turn (ENOSPC, EIO, short write ...): an error, all whole, no grant',
  counted: 'faults that struck',
  goals: { short: 100, long: 50_000 },
  open: victim,
};

const ERRNOS = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES', 'EROFS', 'EDQUOT', 'EFBIG'] as const;

async function victim(folder: string): Promise<Victim> {
  const tortured = await torturedFacility({ folder: join(folder, 'facility'), names: ['alice', 'bob'] });
  const deeds = new Map<string, Deed>([
    ['save', await saves(folder)],
    ['log-on', logOns(tortured)],
    ['audit record', auditRecords(tortured)],
    ['key change', keyChanges(tortured)],
    ['config change', configChanges(tortured)],
  ]);
  /** How many calls each makes, as far as was seen. */
  const calls = new Map<string, number>();
  const descriptorsAtFirst = openDescriptors();

  return {
    async round(random) {
      const [name, deed] = random.pick([...deeds]);
      const fault = anyFault(random, calls.get(name) ?? 30);
      const { outcome, struck, made, code } = await undergo(deed, random.below(2 ** 31), fault);
      calls.set(name, Math.max(made, calls.get(name) ?? 0));
      try {
        await deed.judge(outcome);
      } catch (thrown) {
        const told = thrown instanceof Error ? thrown.message : String(thrown);
        throw new Error(`${name}, ${JSON.stringify(fault)} on ${struck}, ${outcome}: ${told}`);
      }
      if (openDescriptors() > descriptorsAtFirst + DESCRIPTORS_MORE) throw new Error('descriptors stay open');
      if (struck === undefined) return { 'deeds without a fault': 1 };
      return {
        'faults that struck': 1,
        [`  in a ${name}`]: 1,
        [`  ${fault.kind === 'fails' ? fault.errno : fault.kind}`]: 1,
        [outcome === 'failed' ? `told as ${code}` : `got over: ${outcome}`]: 1,
      };
    },
    close: () => tortured.facility.close(),
  };
}

/** Held versions and locks come and go; a leak goes on. */
const DESCRIPTORS_MORE = 100;

function openDescriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

function anyFault(random: Random, calls: number): ArmedFault {
  const nth = 1 + random.below(calls);
  switch (random.below(8)) {
    case 0:
      return { kind: 'short', nth };
    case 1:
      return { kind: 'full', nth };
    default:
      return { kind: 'fails', errno: random.pick(ERRNOS), nth };
  }
}

type Undergone = Struck & { readonly outcome: DeedOutcome | 'failed'; readonly code: string };

/** Throws where it comes out as a defect of Gatehouse instead of what the operating system said. */
async function undergo(deed: Deed, seed: number, fault: ArmedFault): Promise<Undergone> {
  return faulty({ fault }, async (struck) => {
    try {
      return { ...struck, outcome: await deed.run(seed), code: '', made: struck.made, struck: struck.struck };
    } catch (thrown) {
      // As whoever tells it to a person does.
      const { code, cause } = toFault(thrown);
      if (code === 'internal') {
        const text = cause instanceof Error ? cause.stack : String(cause);
        throw new Error(`${JSON.stringify(fault)} on ${struck.struck} came out as a defect of ours: ${text}`);
      }
      return { outcome: 'failed', code, made: struck.made, struck: struck.struck };
    }
  });
}
