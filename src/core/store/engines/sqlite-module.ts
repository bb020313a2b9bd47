/** SQLite as Node has it built in, loaded when first needed and without the remark on the terminal that older Nodes make about it. */
import { Fault } from '../../errors.ts';

export type NodeSqlite = typeof import('node:sqlite');

/** Throws Fault `unavailable` where this Node was built without it. */
export function loadNodeSqlite(): NodeSqlite {
  const { emitWarning } = process;
  // For this one call, which is over before anything else can warn: "SQLite is an experimental feature" is no business of a user's.
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite') ?? refuse(undefined);
  } catch (thrown) {
    return refuse(thrown);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof Fault) throw cause;
  throw new Fault('unavailable', 'This Node has no SQLite built in.', {
    cause,
    hint: 'Use the Node that Gatehouse brings along, or: gatehouse config set Store.Engine sqljs',
  });
}
