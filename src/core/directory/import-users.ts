/** Many accounts at once from CSV: all of them or none, and every line that is wrong is named. */

import { clipped } from '../config/problem.ts';
import { type CsvRow, type LineProblem, readUsersCsv } from '../csv-users.ts';
import type { NewUser } from '../ports.ts';
import { type Actor, mayDo } from '../roles.ts';
import { type NameKey, nameKey, ROLES, type Role } from '../user.ts';
import { accountProblem, newUserOf } from './add-user.ts';
import { newUserId } from './new-id.ts';
import { type DirectoryParts, notPermitted, storeOf } from './parts.ts';
import { givenPasswordProblem, NO_PASSWORD, type PasswordFields } from './password-choice.ts';
import { pooledRandom } from './pooled-random.ts';
import type { Refusal } from './refusal.ts';

export type ImportProgress = {
  readonly phase: 'checking' | 'hashing' | 'saving';
  readonly done: number;
  readonly total: number;
};

export type ImportRequest = {
  /** The whole file. */
  readonly csv: string;
  readonly purpose: 'import' | 'check-only';
  /** Whether the passwords of the file have to be changed at the first log-on. */
  readonly passwords: 'stay' | 'must-change';
  readonly onProgress?: (progress: ImportProgress) => void;
};

export type Imported = {
  /** `checked`: the file is right, nothing was written. */
  readonly kind: 'imported' | 'checked';
  readonly count: number;
  /** Accounts that cannot log on before they are given a password. */
  readonly withoutPassword: number;
};

export type BadLines = { readonly kind: 'bad-lines'; readonly problems: readonly LineProblem[] };

export async function importUsers(
  parts: DirectoryParts,
  actor: Actor,
  request: ImportRequest,
): Promise<Imported | BadLines | Refusal> {
  if (!mayDo(actor, 'manage-users', undefined)) return notPermitted(actor);
  const reading = readUsersCsv(request.csv);
  if (reading.kind === 'bad-lines') return reading;
  const { rows } = reading;
  const problems = await problemsOf(parts, rows, request);
  if (problems.length > 0) return { kind: 'bad-lines', problems };
  const withoutPassword = rows.filter(({ fields }) => fields.password === '').length;
  if (request.purpose === 'check-only') return { kind: 'checked', count: rows.length, withoutPassword };
  const users = await newUsers(parts, rows, request);
  request.onProgress?.({ phase: 'saving', done: 0, total: users.length });
  const outcome = await storeOf(parts, actor).addUsers(users, 'imported');
  if (outcome.kind === 'taken') return { kind: 'bad-lines', problems: takenLines(rows, new Set(outcome.keys)) };
  request.onProgress?.({ phase: 'saving', done: users.length, total: users.length });
  return { kind: 'imported', count: users.length, withoutPassword };
}

/** argon2 works on as many cores as there are threads; more at once would only hold memory. */
const HASHED_AT_ONCE = 4;
const PROGRESS_EVERY = 1000;

async function problemsOf(
  parts: DirectoryParts,
  rows: readonly CsvRow[],
  request: ImportRequest,
): Promise<readonly LineProblem[]> {
  const taken = new Set(await parts.store.takenKeys(rows.map(({ fields }) => nameKey(fields.name))));
  const problems = [...takenLines(rows, taken)];
  const lineOfKey = new Map<NameKey, number>();
  for (const [index, row] of rows.entries()) {
    const { line, fields } = row;
    if (index % PROGRESS_EVERY === 0) request.onProgress?.({ phase: 'checking', done: index, total: rows.length });
    const text = await rowProblem(parts, row);
    if (text !== undefined) problems.push({ line, text });
    const key = nameKey(fields.name);
    const earlier = lineOfKey.get(key);
    if (earlier === undefined) lineOfKey.set(key, line);
    else problems.push({ line, text: `the user ${clipped(fields.name)} stands on line ${earlier} already` });
  }
  return problems.sort((one, other) => one.line - other.line);
}

async function rowProblem(parts: DirectoryParts, { fields }: CsvRow): Promise<string | undefined> {
  const role = roleOf(fields.role);
  if (role === undefined) return `there is no role "${clipped(fields.role)}"; use ${ROLES.join(', ')}`;
  const problem = accountProblem({ name: fields.name, display: fields.display, group: fields.group, role });
  if (problem) return problem.text;
  if (fields.password === '') return undefined;
  return givenPasswordProblem(parts, fields.password, { userName: fields.name, twoFactor: 'off' });
}

async function newUsers(parts: DirectoryParts, rows: readonly CsvRow[], request: ImportRequest) {
  const total = rows.filter(({ fields }) => fields.password !== '').length;
  const withPool = { ...parts, random: pooledRandom(parts.random) };
  const users: NewUser[] = [];
  let done = 0;
  for (let start = 0; start < rows.length; start += HASHED_AT_ONCE) {
    const some = rows.slice(start, start + HASHED_AT_ONCE);
    users.push(...(await Promise.all(some.map((row) => newUser(withPool, row, request.passwords)))));
    const hashed = some.filter(({ fields }) => fields.password !== '').length;
    done += hashed;
    if (hashed > 0) request.onProgress?.({ phase: 'hashing', done, total });
  }
  return users;
}

async function newUser(
  parts: DirectoryParts,
  { fields }: CsvRow,
  passwords: ImportRequest['passwords'],
): Promise<NewUser> {
  const { name, display, group, password } = fields;
  const account = { name, display, group, role: roleOf(fields.role) ?? 'user' };
  const chosen: PasswordFields =
    password === ''
      ? NO_PASSWORD
      : {
          passwordHash: await parts.hasher.hash(password),
          mustChangePassword: passwords === 'must-change',
          passwordExpiresAt: null,
        };
  return newUserOf(newUserId(parts.random), account, chosen);
}

/** Empty means `user`. */
function roleOf(text: string): Role | undefined {
  const typed = text.trim().toLowerCase();
  return typed === '' ? 'user' : ROLES.find((role) => role === typed);
}

function takenLines(rows: readonly CsvRow[], taken: ReadonlySet<NameKey>): readonly LineProblem[] {
  return rows
    .filter(({ fields }) => taken.has(nameKey(fields.name)))
    .map(({ line, fields }) => ({ line, text: `there is a user ${clipped(fields.name)} already` }));
}
