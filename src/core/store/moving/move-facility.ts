/**
 * Moves a facility from one database into another. Invariant: at every moment, killed or not, at most one of the two can be used; nothing is taken
 * out of the old one; it is left only when every row of it has been found in the new one, cell by cell, with nobody able to write any more.
 * Called again after it was killed, it goes on from where it was.
 */
import { Fault } from '../../errors.ts';
import { hasFacility, makeSchema, migrate, SCHEMA_VERSION } from '../migrations.ts';
import type { SqlEngine, SqlReader } from '../sql-engine.ts';
import {
  dropMoved,
  MOVED,
  markCopying,
  markedVersion,
  markMoved,
  readMark,
  unmarkCopying,
  unmarkMoved,
} from './marks.ts';
import { type Changes, isSame, reconcile } from './reconcile.ts';

export type Move = {
  /** Store engines by their names in config.ini. */
  readonly from: string;
  readonly to: string;
  readonly original: SqlEngine;
  readonly copy: SqlEngine;
  /** Whether a facility that was moved away from the new place before may be overwritten there. */
  readonly former: 'replace' | 'refuse';
  readonly onProgress?: (step: MoveStep) => void;
};

export type MoveStep =
  /** Rows looked at so far, in all tables. */
  | { readonly kind: 'copying' | 'checking'; readonly rows: number }
  /** From here on nobody can log on until it is through. */
  | { readonly kind: 'closing' };

export type Moved = {
  readonly rows: number;
  /** Rows of a copy that was there already and were not as they should be, and the first of them. */
  readonly corrected: number;
  readonly firstWrong: string | undefined;
};

/** After it, the new database is a facility like any other, and the old one refuses to be opened. Faults: `exists`, `not-found`, and those of the engines. */
export async function moveFacility(move: Move): Promise<Moved> {
  const { original, copy, to, onProgress } = move;
  const closed = await isClosed(move);
  const state = await prepareCopy(move, closed ? 'has to be there' : 'may be begun');
  // Killed between here and the change of config.ini. Both were the same; what differs now was recorded in the new place since.
  if (closed && state === 'complete') return { ...summed([await check(move, 'look')]), ...NOTHING_CORRECTED };
  if (state === 'complete') throw inUse(to);
  const passes: Changes[] = [];
  if (!closed) {
    const progress = (rows: number) => onProgress?.({ kind: 'copying', rows });
    const sides = [
      { engine: original, prefix: '' },
      { engine: copy, prefix: '' },
    ] as const;
    passes.push(await reconcile(...sides, { how: 'mend', onProgress: progress }));
    onProgress?.({ kind: 'closing' });
    await original.write((tx) => markMoved(tx, to));
  }
  try {
    passes.push(...(await checkUntilSame(move)));
  } catch (thrown) {
    // Nothing can have changed there since it was closed: it goes on. Where even that fails, the next call comes back to here.
    await original.write(unmarkMoved).catch(() => undefined);
    throw thrown;
  }
  await copy.write(unmarkCopying);
  return summed(passes);
}

/** Opens a facility again that was closed for a move which is not to be. */
export async function takeMoveBack(original: SqlEngine): Promise<void> {
  await original.write(unmarkMoved);
}

/** Whether an earlier call came as far as to close the old database. */
async function isClosed({ original, to }: Move): Promise<boolean> {
  const mark = await original.read(readMark);
  switch (mark.kind) {
    case 'moved':
      if (mark.to === to) {
        await original.read((tx) => refuseOtherSchema(tx, 'moved'));
        return true;
      }
      throw new Fault('exists', `This facility was moved to Store.Engine=${mark.to} already.`, {
        hint: `gatehouse store migrate --to ${mark.to} finishes that; then move it on from there.`,
      });
    case 'copying':
      throw new Fault('exists', `This database is an unfinished copy of a facility in Store.Engine=${mark.from}.`, {
        hint: 'Set Store.Engine back to that one, and move it from there.',
      });
    case 'none':
      if (!(await original.read(hasFacility))) {
        throw new Fault('not-found', 'There is no facility in the database that config.ini names.');
      }
      await migrate(original);
      return false;
  }
}

/**
 * What is in the new place. Where the old one was closed for it, another copy is never begun: the facility may live on, in that engine, elsewhere
 * (another host's config.ini, another path).
 */
async function prepareCopy(
  move: Move,
  expected: 'may be begun' | 'has to be there',
): Promise<'unfinished' | 'complete'> {
  const { copy, from, to, former } = move;
  return copy.write(async (tx) => {
    const mark = await readMark(tx);
    if (mark.kind === 'copying') {
      if (mark.from === from) {
        await refuseOtherSchema(tx, 'copying');
        return 'unfinished';
      }
      throw new Fault('exists', `In Store.Engine=${to} there is an unfinished copy from Store.Engine=${mark.from}.`, {
        hint: 'Remove that database, or name another one in config.ini.',
      });
    }
    if (mark.kind === 'none' && (await hasFacility(tx))) return 'complete';
    if (expected === 'has to be there') throw noCopy(to);
    if (mark.kind === 'moved') {
      if (former === 'refuse') throw formerFacility(to, mark.since);
      await refuseOtherSchema(tx, 'moved');
      await dropMoved(tx);
    }
    await makeSchema(tx);
    // The epoch is that of the facility which moves.
    await tx.run('DELETE FROM facility');
    await markCopying(tx, from);
    return 'unfinished';
  });
}

/** What was begun by one version of Gatehouse cannot be gone on with by one whose tables are others. */
async function refuseOtherSchema(tx: SqlReader, kind: 'copying' | 'moved'): Promise<void> {
  if ((await markedVersion(tx, kind)) === SCHEMA_VERSION) return;
  throw new Fault('unavailable', 'A move by another version of Gatehouse left other tables there.', {
    hint: 'Finish it with that version, then upgrade; or name another database in config.ini.',
  });
}

const NOTHING_CORRECTED = { corrected: 0, firstWrong: undefined } as const;

/** The last pass found nothing to do: both are the same. */
async function checkUntilSame(move: Move): Promise<readonly Changes[]> {
  const passes: Changes[] = [];
  while (passes.length < 3) {
    const pass = await check(move, 'mend');
    passes.push(pass);
    if (isSame(pass)) return passes;
  }
  const where = passes.at(-1)?.firstWrong ?? 'rows are missing';
  throw new Fault(
    'unavailable',
    `The copy does not become the same as the facility (${where}); the facility goes on as it was.`,
    {
      hint: 'Is somebody else writing into the new database? Look there, then try again.',
    },
  );
}

function check({ original, copy, onProgress }: Move, how: 'mend' | 'look'): Promise<Changes> {
  const progress = (rows: number) => onProgress?.({ kind: 'checking', rows });
  return reconcile({ engine: original, prefix: MOVED }, { engine: copy, prefix: '' }, { how, onProgress: progress });
}

function summed(passes: readonly Changes[]): Moved {
  return {
    rows: passes.at(-1)?.rows ?? 0,
    corrected: passes.reduce((sum, { corrected, deleted }) => sum + corrected + deleted, 0),
    firstWrong: passes.find(({ firstWrong }) => firstWrong !== undefined)?.firstWrong,
  };
}

function inUse(to: string): Fault {
  return new Fault('exists', `There is a facility in Store.Engine=${to} already.`, {
    hint: 'Nothing was changed. Remove that database, or name another one in config.ini.',
  });
}

function noCopy(to: string): Fault {
  return new Fault(
    'not-found',
    `This facility was moved to Store.Engine=${to}, and is not in the database named there.`,
    {
      hint: `Check Store.Path and Store.Url in config.ini. Where it lives elsewhere: gatehouse config set Store.Engine ${to}`,
    },
  );
}

function formerFacility(to: string, since: number): Fault {
  const day = new Date(since).toISOString().slice(0, 10);
  return new Fault('exists', `In Store.Engine=${to} there is a facility that was moved away on ${day}.`, {
    hint: 'Say --replace to have it overwritten; what it was moved to is not touched.',
  });
}
