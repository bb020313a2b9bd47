/**
 * The syntax tree of a source file as the mutators read it: nodes with a kind and a place, and whatever fields their
 * kind has.
 */
import { parseAst } from 'vitest/node';

export type Node = { readonly type: string; readonly start: number; readonly end: number };

export function parseSource(source: string, file: string): Node {
  return parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file) as Node;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function field(node: Node, name: string): unknown {
  return Reflect.get(node, name);
}

/** The child in a field that may be empty. */
export function child(node: Node, name: string): Node | undefined {
  const value = field(node, name);
  return isNode(value) ? value : undefined;
}

export function children(node: Node, name: string): readonly Node[] {
  const value = field(node, name);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Wrappers of a value that are gone once the types are. */
const TYPE_WRAPPERS = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);

/** Each node below this one that runs: imports and types are left out. */
export function runningChildren(node: Node): readonly Node[] {
  return Object.values(node)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .filter(({ type }) => TYPE_WRAPPERS.has(type) || !(type.startsWith('TS') || type.startsWith('Import')));
}
