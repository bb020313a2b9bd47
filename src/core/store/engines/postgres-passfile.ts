/**
 * The password of a database account from a file in the format of ~/.pgpass (https://www.postgresql.org/docs/current/libpq-pgpass.html): so that config.ini, which
 * everybody who logs in may have to read, need not hold it. Invariant: the file is read only where it is its owner's alone.
 */
import { Fault } from '../../errors.ts';
import { readGuarded } from '../../node/file-safety.ts';
import { inert } from '../../visible-text.ts';

export type Whose = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
};

/** Faults: `file-refused`, `unavailable`; and `configuration` where no line of the file fits. */
export function passwordFrom(path: string, whose: Whose): string {
  const password = passwordIn(readGuarded({ path, what: 'password file' }).toString('utf8'), whose);
  if (password !== undefined) return password;
  throw new Fault('configuration', `The password file ${inert(path)} has no line for this database and account.`, {
    hint: `Write one: ${inert(whose.host)}:${whose.port}:${inert(whose.database)}:${inert(whose.user)}:PASSWORD`,
  });
}

/** Of the first line that fits; `*` fits everything, a backslash takes the meaning from `:` and from itself. */
export function passwordIn(text: string, { host, port, database, user }: Whose): string | undefined {
  const wanted = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = [...line.matchAll(FIELD)].map(([, raw = '']) => raw);
    const fits = wanted.every((value, index) => {
      const field = fields[index];
      return (
        field !== undefined &&
        (field === '*' || unescaped(field) === value || (index === 0 && unescaped(field) === host))
      );
    });
    const password = fields[wanted.length];
    if (fits && password !== undefined && password !== '') return unescaped(password);
  }
  return undefined;
}

const FIELD = /((?:[^:\\]|\\.|\\$)*)(?::|$)/g;

function unescaped(field: string): string {
  return field.replaceAll(/\\(.)/g, '$1');
}
