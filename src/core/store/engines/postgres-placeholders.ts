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

/**
 * `INSERT … VALUES (…)` with the tuple repeated `rows` times, placeholders not yet numbered; undefined for any other statement. One such statement is three times
 * as quick as its rows one by one.
 */
export function manyTuples(sql: string, rows: number): string | undefined {
  const [, beginning, tuple] = INSERT.exec(sql) ?? [];
  if (beginning === undefined || tuple === undefined) return undefined;
  return beginning + Array.from({ length: rows }, () => tuple).join(', ');
}

const INSERT = /^(INSERT INTO \w+ \([^()]*\)\s+VALUES )(\([^()]*\))$/;
