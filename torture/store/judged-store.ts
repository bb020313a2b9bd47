/**
 * What a killed writer leaves, judged. The same writes are done once more over a copy from before: the database has exactly the content, and the trail
 * exactly the records, that the acknowledged writes make, or those and the one that was on its way: both of it or nothing of it. The files are
 * never ahead of the database; the next drain goes on, and a record is in the files once.
 */
import { existsSync } from 'node:fs';
import { seededRandom } from '../random.ts';
import type { Counts } from '../torment.ts';
import { idOf, plannedWrites } from './any-write.ts';
import { contentOf } from './content.ts';
import type { PlannedWriter } from './fatal-plan.ts';
import {
  databaseIn,
  linesInFiles,
  openRecorded,
  type RecordedPlace,
  type RecordedStore,
  rowsIn,
} from './recorded-store.ts';

export type Judged = {
  readonly engine: RecordedPlace['engine'];
  readonly writer: PlannedWriter;
  /** As it was before the writer came. */
  readonly copy: string;
  readonly acknowledged: number;
};

/** Which state is there; throws where it is neither. Then comes the next writer, whom nothing may keep waiting. */
export async function judge(judged: Judged): Promise<Counts> {
  const { engine, writer, acknowledged } = judged;
  const place = { engine, folder: writer.folder };
  const after = await openRecorded(place);
  try {
    const integrity = await after.store.integrity();
    if (integrity.join() !== 'ok') throw new Error(`the database is damaged: ${integrity.join('; ')}`);
    const found = { content: await contentOf(after.engine), lines: await wholeTrail(after, place) };
    const [exact, oneMore] = await statesAfter(judged);
    const state = [exact, oneMore].find((each) => each.content === found.content && isSame(each.lines, found.lines));
    if (state === undefined) throw new Error(differenceOf(found, [exact, oneMore], acknowledged));
    await goOn(after, place, { seed: writer.seed, lines: found.lines });
    const image = state === exact ? 'old states' : 'new states';
    return { 'acknowledged writes': acknowledged, 'records judged': found.lines.length, [image]: 1 };
  } finally {
    await after.close();
  }
}

type State = { readonly content: string; readonly lines: readonly string[] };

/** All records, those in the files and those that wait, each once. */
async function wholeTrail({ engine, trail }: RecordedStore, { folder }: RecordedPlace): Promise<readonly string[]> {
  const { ok, firstBroken } = await trail.verify();
  if (!ok) throw new Error(`the trail does not verify: record ${firstBroken}`);
  const inFiles = existsSync(`${folder}/audit`) ? linesInFiles(folder) : [];
  const { lines: rows, end } = await rowsIn(engine);
  if (inFiles.length > end) throw new Error(`the files have ${inFiles.length} records, the database knows ${end}`);
  const lines = Array.from({ length: end }, (_, index) => {
    const [filed, row] = [inFiles[index], rows.get(index + 1)];
    if (filed !== undefined && row !== undefined && filed !== row)
      throw new Error(`record ${index + 1} is two records`);
    const line = filed ?? row;
    if (line === undefined) throw new Error(`record ${index + 1} is neither in the files nor in the database`);
    return line;
  });
  if (Math.max(0, ...rows.keys()) > end) throw new Error('the database has records behind its sealed end');
  return lines;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

function differenceOf(found: State, states: readonly State[], acknowledged: number): string {
  const isContent = states.map(({ content }) => (content === found.content ? 'yes' : 'no')).join();
  const isTrail = states.map(({ lines }) => (isSame(lines, found.lines) ? 'yes' : 'no')).join();
  const counts = [found, ...states].map(({ lines }) => lines.length).join();
  return `after ${acknowledged} acknowledged writes (or one more), content: ${isContent}, records: ${isTrail} of ${counts}`;
}

/** What there is to be after the acknowledged ones, and after one more. */
async function statesAfter({ engine, writer, copy, acknowledged }: Judged): Promise<readonly [State, State]> {
  const place = { engine, folder: copy };
  const again = await openRecorded(place);
  try {
    const writes = plannedWrites(seededRandom(writer.seed), acknowledged + 1);
    const stateNow = async () => ({ content: await contentOf(again.engine), lines: await wholeTrail(again, place) });
    for (const { change } of writes.slice(0, acknowledged)) await change(again.store);
    const exact = await stateNow();
    await writes[acknowledged]?.change(again.store);
    const oneMore = await stateNow();
    // Not a matter of the kill: whatever changes something is recorded. (What was shown is too, and changes nothing.)
    if (exact.content !== oneMore.content && oneMore.lines.length === exact.lines.length) {
      throw new Error(`write ${acknowledged + 1} of seed ${writer.seed} changes something that nothing records`);
    }
    return [exact, oneMore];
  } finally {
    await again.close();
  }
}

/** The next drain, one behind it, and the next write, which deletes what is in the files. */
async function goOn(
  { engine, trail, store }: RecordedStore,
  { folder }: RecordedPlace,
  { seed, lines }: { readonly seed: number; readonly lines: readonly string[] },
): Promise<void> {
  for (const which of ['the next drain', 'the drain behind it']) {
    await trail.drain();
    if (!isSame(linesInFiles(folder), lines)) throw new Error(`${which} leaves other records in the files`);
  }
  await store.editUser({ id: idOf('alice'), changes: { display: `after seed ${seed}` } });
  const rows = await rowsIn(engine);
  if (rows.lines.size !== 1 || rows.end !== lines.length + 1) throw new Error('the next write does not go on');
  const { ok, firstBroken } = await trail.verify();
  if (!ok) throw new Error(`the trail does not verify behind the next write: record ${firstBroken}`);
  if (existsSync(`${databaseIn(folder)}.new`)) throw new Error('what a dead writer left is there after the next write');
}
