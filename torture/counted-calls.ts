/**
 * Puts itself between this process and the file system: `faulty` counts every call of `node:fs` that one piece of work makes, and at the one that it is
 * told lets it fail, or freezes the work there for ever. To be imported before anything that imports `node:fs`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export type CallFault =
  /**
   * The work goes no further: before the call, after it, or (a write) when half of it is done. A synchronous call cannot stand still without the whole
   * process: it throws, and whatever the work then tries does nothing to the files and never comes to an end.
   */
  | { readonly kind: 'frozen-before' | 'frozen-after' | 'frozen-half-way' }
  /** The call does nothing and fails with this errno. */
  | { readonly kind: 'fails'; readonly errno: string }
  /** A write takes half of what it is given and says so; any other call is as ever. */
  | { readonly kind: 'short' }
  /** From here on: the first write is short, those behind it fail with ENOSPC; any other call is as ever. */
  | { readonly kind: 'full' };

export type ArmedFault = CallFault & {
  /** 1 is the first call. */
  readonly nth: number;
};

export type FaultyWork = {
  /** Undefined: the calls are only counted. */
  readonly fault?: ArmedFault | undefined;
  readonly onFrozen?: () => void;
};

export type Struck = {
  made: number;
  /** Name of the call that the fault fell on. */
  struck: string | undefined;
};

/** Runs work with a fault of its own, beside other work with others. `struck` can be read while it runs. */
export function faulty<T>({ fault, onFrozen }: FaultyWork, work: (struck: Struck) => T): T {
  const scope: Scope = { fault, onFrozen, made: 0, struck: undefined, full: false, frozen: false };
  const result = scopes.run(scope, () => work(scope));
  // What a work whose files stand still makes of that is nothing that anybody would see of a killed one.
  if (!(result instanceof Promise)) return result;
  const unlessFrozen = () => (scope.frozen ? NEVER : result);
  return result.then(unlessFrozen, unlessFrozen) as typeof result;
}

const NEVER = new Promise<never>(() => undefined);

type Scope = Struck & {
  readonly fault: ArmedFault | undefined;
  readonly onFrozen: (() => void) | undefined;
  full: boolean;
  frozen: boolean;
};

function freeze(scope: Scope): void {
  scope.frozen = true;
  scope.onFrozen?.();
}

const scopes = new AsyncLocalStorage<Scope>();

const CALLBACK = ['open', 'write', 'read', 'fstat', 'fsync', 'fdatasync', 'rename', 'unlink', 'close', 'ftruncate'];
const SYNC = [
  'openSync',
  'writeSync',
  'readSync',
  'fstatSync',
  'lstatSync',
  'fsyncSync',
  'fdatasyncSync',
  'ftruncateSync',
  'renameSync',
  'unlinkSync',
  'closeSync',
  'mkdirSync',
  'readFileSync',
  'writeFileSync',
  'readdirSync',
];
const WRITES = ['write', 'writeSync'];

type Call = (...args: readonly unknown[]) => unknown;

for (const name of CALLBACK) replace(name, inCallback);
for (const name of SYNC) replace(name, inSync);
syncBuiltinESMExports();

function replace(name: string, around: (name: string, real: Call) => Call): void {
  const real: unknown = Reflect.get(fs, name);
  if (typeof real !== 'function') throw new Error(`node:fs has no ${name}`);
  const mine = around(name, (...args) => Reflect.apply(real, fs, args));
  // `promisify(fs.write)` goes by a symbol on the function.
  for (const symbol of Object.getOwnPropertySymbols(real)) Reflect.set(mine, symbol, Reflect.get(real, symbol));
  Reflect.set(fs, name, mine);
}

function strike(scope: Scope, name: string): CallFault | undefined {
  const { fault } = scope;
  scope.made += 1;
  if (fault === undefined) return undefined;
  if (scope.full) return WRITES.includes(name) ? { kind: 'fails', errno: 'ENOSPC' } : undefined;
  if (fault.kind === 'full') {
    if (scope.made < fault.nth || !WRITES.includes(name)) return undefined;
    scope.full = true;
    scope.struck = name;
    return { kind: 'short' };
  }
  if (scope.made !== fault.nth) return undefined;
  scope.struck = name;
  return fault;
}

function inSync(name: string, real: Call): Call {
  return (...args) => {
    const scope = scopes.getStore();
    if (scope === undefined) return real(...args);
    if (scope.frozen) throw failure(name, 'EIO');
    const fault = strike(scope, name);
    switch (fault?.kind) {
      case undefined:
      case 'full':
        return real(...args);
      case 'frozen-before':
      case 'frozen-half-way':
      case 'frozen-after':
        if (fault.kind === 'frozen-after') real(...args);
        if (fault.kind === 'frozen-half-way') real(...(WRITES.includes(name) ? shortened(args) : args));
        freeze(scope);
        throw failure(name, 'EIO');
      case 'fails':
        // A close that fails has closed all the same.
        if (name === 'closeSync') real(...args);
        throw failure(name, fault.errno);
      case 'short':
        return real(...(WRITES.includes(name) ? shortened(args) : args));
    }
  };
}

function inCallback(name: string, real: Call): Call {
  return (...args) => {
    const scope = scopes.getStore();
    if (scope === undefined) return real(...args);
    if (scope.frozen) return undefined;
    const fault = strike(scope, name);
    const called = args.slice(0, -1);
    const done: unknown = args.at(-1);
    if (typeof done !== 'function') throw new Error(`${name} without a callback`);
    const stop = () => freeze(scope);
    switch (fault?.kind) {
      case undefined:
      case 'full':
        return real(...args);
      case 'frozen-before':
        return stop();
      case 'frozen-after':
        return real(...called, stop);
      case 'frozen-half-way':
        return real(...(WRITES.includes(name) ? shortened(called) : called), stop);
      case 'fails': {
        const fail = () => Reflect.apply(done, undefined, [failure(name, fault.errno)]);
        return name === 'close' ? real(...called, fail) : process.nextTick(fail);
      }
      case 'short':
        return real(...(WRITES.includes(name) ? shortened(args) : args));
    }
  };
}

function failure(name: string, errno: string): Error {
  return Object.assign(new Error(`${errno}: ${name}`), { code: errno, syscall: name });
}

/** `write(fd, bytes, offset, length, position)`, with half of the length. */
function shortened(args: readonly unknown[]): readonly unknown[] {
  const [fd, bytes, offset, length, ...rest] = args;
  return typeof length === 'number' ? [fd, bytes, offset, Math.floor(length / 2), ...rest] : args;
}
