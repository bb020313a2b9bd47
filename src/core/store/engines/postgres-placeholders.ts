/** The store's `?` as PostgreSQL's `$1`, `$2`; outside of literals and quoted names. */

/** Done once a text; lists of ids make texts without end, so they are forgotten now and then. */
export function numbered(sql: string): string {
  const known = KNOWN.get(sql);
  if (known !== undefined) return known;
  if (KNOWN.size >= 200) KNOWN.clear();
  let count = 0;
  const text = sql.replace(PIECES, (piece) => {
    if (piece !== '?') return piece;
    count += 1;
    return `$${count}`;
  });
  KNOWN.set(sql, text);
  return text;
}

const KNOWN = new Map<string, string>();
const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;
