/** What is mutated, and which tests are asked. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Mutant, mutantsOf } from './mutators.ts';

const SOURCES = [
  'src/core/login/**/*.ts',
  'src/core/store/**/*.ts',
  'src/core/audit-*.ts',
  'src/core/audit/**/*.ts',
  'src/core/node/audit-*.ts',
];
/** Its tests start a server each: not fit for thousands of trials. */
const NOT_MUTATED = /\/engines\/postgres/;

/** Those that run in one process: quick, and instrumented as a whole. */
const JUDGES = [
  'test/core/login/*.test.ts',
  'test/core/audit-*.test.ts',
  'test/core/{lockout,key-rotation,stored-code,policy}.test.ts',
  'test/core/directory/*.test.ts',
  'test/core/node/{audit-*,restore,restore-archived,restore-property,upgrade-store,config-settle}.test.ts',
  'test/core/audit/**/*.test.ts',
  'test/store/{sqlite,sqljs}*.test.ts',
  'test/store/{row-cells,stricter,tables,moving,migration-record,engine-switch,damaged-database}.test.ts',
  'test/gate/{run-conversation,opened-door}.test.ts',
  'test/gate/{json,line}/*.test.ts',
  'test/security/{change-and-record*,clocks,deactivation,grant-looked-at-again,guessing,same-work}.test.ts',
];

export type Target = Mutant & { readonly id: number; readonly file: string; readonly source: string };

export type Targets = {
  readonly all: readonly Target[];
  /** By absolute path, the id of its first mutant. */
  readonly firstIds: Readonly<Record<string, number>>;
};

export function findTargets(): Targets {
  const all: Target[] = [];
  const firstIds: Record<string, number> = {};
  for (const file of globSync(SOURCES).sort()) {
    if (NOT_MUTATED.test(file)) continue;
    const source = readFileSync(file, 'utf8');
    firstIds[resolve(file)] = all.length;
    for (const mutant of mutantsOf(source, file)) all.push({ ...mutant, id: all.length, file, source });
  }
  return { all, firstIds };
}

export function findJudges(): readonly string[] {
  return globSync(JUDGES).sort();
}
