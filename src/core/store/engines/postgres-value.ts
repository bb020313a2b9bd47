/** Cells as the store knows them: text, numbers and null. PostgreSQL sends all of them as text and says of which type they are. */

/** OIDs of pg_type: int8, int2, int4, float8 (which CockroachDB makes of some sums) and numeric (which PostgreSQL makes of them). */
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 701, 1700]);
const TRUTH_VALUE = 16;

/** For pg's `types.getTypeParser`. */
export function parserOf(oid: number): (text: string) => string | number {
  if (oid === TRUTH_VALUE) return (text) => (text === 't' ? 1 : 0);
  return NUMBERS.has(oid) ? asNumber : asText;
}

/** What a number cannot hold exactly stays text, which the row's codec refuses. */
function asNumber(text: string): string | number {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function asText(text: string): string {
  return text;
}
