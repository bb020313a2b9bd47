/**
 * All mutants of a file in one text, each asleep until `__mutant(id)` says that it is the one: many can be tried in a
 * process that was started once.
 */
import { type Mutant, mutantsOf } from './mutators.ts';

/** The ids count from `firstId`, in the order of `mutantsOf`. No line moves but those that a replacement repeats. */
export function instrument(source: string, file: string, firstId: number): string {
  const places = new Map<string, { readonly mutant: Mutant; before: string }>();
  for (const [index, mutant] of mutantsOf(source, file).entries()) {
    const key = `${mutant.how} ${mutant.start} ${mutant.end}`;
    const place = places.get(key) ?? { mutant, before: mutant.how === 'wrap' ? '(' : '' };
    const awake = `__mutant(${firstId + index})`;
    place.before += mutant.how === 'wrap' ? `${awake}?(${mutant.replacement}):` : `{if(!${awake}){`;
    places.set(key, place);
  }
  const edits = [...places.values()].flatMap(({ mutant: { how, start, end }, before }) => [
    { at: start, opens: true, length: end - start, text: before },
    { at: end, opens: false, length: end - start, text: how === 'wrap' ? ')' : '}}' },
  ]);
  // At one place: what ends there first, the inner before the outer; then what begins there, the outer before the inner.
  edits.sort(
    (a, b) => a.at - b.at || Number(a.opens) - Number(b.opens) || (a.opens ? b.length - a.length : a.length - b.length),
  );
  let [result, done] = ['', 0];
  for (const { at, text } of edits) {
    result += source.slice(done, at) + text;
    done = at;
  }
  return result + source.slice(done);
}
