/**
 * The small faults that a mutation run plants, one at a time: a condition that always or never applies, `<` for `<=`, a
 * statement left out, `AND` for `OR` in SQL. Texts are left alone: the compiler checks the codes among them, and the
 * wording of a message is no behaviour.
 */
import { child, children, field, type Node, parseSource, runningChildren } from './syntax.ts';

/** `wrap`: an expression to replace; `skip`: statements to leave out, with nothing in their place. */
export type Mutant = {
  readonly how: 'wrap' | 'skip';
  readonly start: number;
  readonly end: number;
  /** What stands in its place. */
  readonly replacement: string;
};

/** In the order of the source, always the same for the same text. */
export function mutantsOf(source: string, file: string): readonly Mutant[] {
  const found: Mutant[] = [];
  visit(parseSource(source, file), { source, add: (mutant) => found.push(mutant), parents: [] });
  return found.sort((a, b) => a.start - b.start || b.end - a.end || a.replacement.localeCompare(b.replacement));
}

type Visit = {
  readonly source: string;
  readonly add: (mutant: Mutant) => void;
  /** The nearest last. */
  readonly parents: readonly Node[];
};

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

function visit(node: Node, state: Visit): void {
  const next: Visit = { ...state, parents: [...state.parents, node] };
  for (const child of runningChildren(node)) visit(child, next);
  // What is computed once, when a module is loaded, is computed before any mutant wakes.
  if (!state.parents.some(({ type }) => FUNCTIONS.has(type))) return;
  for (const replacement of replacementsOf(node, state)) {
    state.add({ how: 'wrap', start: node.start, end: node.end, replacement });
  }
  for (const { start, end } of leftOutOf(node, state)) state.add({ how: 'skip', start, end, replacement: '' });
}

const SWAPPED_OPERATORS = new Map<string, readonly string[]>([
  ['<', ['<=', '>=']],
  ['<=', ['<', '>']],
  ['>', ['>=', '<=']],
  ['>=', ['>', '<']],
  ['===', ['!==']],
  ['!==', ['===']],
  ['-', ['+']],
  ['*', ['/']],
  ['/', ['*']],
  ['%', ['*']],
  ['&&', ['||']],
  ['||', ['&&']],
]);

const SWAPPED_METHODS = new Map<string, string>([
  ['min', 'max'],
  ['max', 'min'],
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
]);

/** Calls whose result is of the kind of what they are called on. */
const DROPPED_METHODS = new Set([
  'filter',
  'slice',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'trim',
  'toLowerCase',
]);

function replacementsOf(node: Node, state: Visit): readonly string[] {
  const { source, parents } = state;
  const parent = parents.at(-1);
  const inCondition = parent !== undefined && child(parent, 'test') === node && parent.type !== 'SwitchCase';
  const isLoop = parent !== undefined && /^(While|DoWhile|For)/.test(parent.type);
  const always = inCondition ? (isLoop ? ['false'] : ['true', 'false']) : [];
  // Half of a chain such as `a?.b().c` cannot be put in parentheses: the rest would no longer be left out with it.
  const breaksChain =
    parent !== undefined && parents.some(({ type }) => type === 'ChainExpression') && isChained(parent, node);
  return breaksChain ? [] : [...always, ...ofExpression(node, source, parent)];
}

function isChained(parent: Node, node: Node): boolean {
  return child(parent, 'object') === node || child(parent, 'callee') === node;
}

function ofExpression(node: Node, source: string, parent: Node | undefined): readonly string[] {
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return ofOperator(node, source);
    case 'UnaryExpression':
      return field(node, 'operator') === '!' ? [textOf(node).slice(1)] : [];
    case 'Literal': {
      const value = field(node, 'value');
      if (typeof value === 'boolean') return [String(!value)];
      return typeof value === 'string' ? sqlMutants(textOf(node)) : [];
    }
    case 'TemplateLiteral':
      return parent?.type === 'TaggedTemplateExpression' ? [] : sqlMutants(textOf(node));
    case 'CallExpression':
      return ofCall(node, source);
    case 'UpdateExpression':
      return [textOf(node).includes('++') ? textOf(node).replace('++', '--') : textOf(node).replace('--', '++')];
    case 'AssignmentExpression': {
      const swapped = { '+=': '-=', '-=': '+=' }[String(field(node, 'operator'))];
      const right = child(node, 'right');
      if (swapped === undefined || right === undefined || isText(right)) return [];
      return [textOf(node).replace(String(field(node, 'operator')), swapped)];
    }
    default:
      return parent?.type === 'ReturnStatement' && isWorthLosing(node) ? ['undefined'] : [];
  }
}

/** Returned values whose parts are not mutated themselves. */
function isWorthLosing({ type }: Node): boolean {
  return ['ObjectExpression', 'ArrayExpression', 'AwaitExpression', 'NewExpression'].includes(type);
}

function ofOperator(node: Node, source: string): readonly string[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  const operator = String(field(node, 'operator'));
  if (left === undefined || right === undefined) return [];
  const at = source.indexOf(operator, left.end);
  // From the node's own start and to its own end: with the parentheses of both sides.
  const [first, second] = [source.slice(node.start, at).trim(), source.slice(at + operator.length, node.end).trim()];
  if (operator === '??') return [first];
  if (operator === '+') return isText(left) || isText(right) ? [] : [`${first} - ${second}`];
  const others = SWAPPED_OPERATORS.get(operator) ?? [];
  // `a || b || c` with one `&&` in it would be read differently.
  if (node.type === 'LogicalExpression') return others.map((other) => `(${first}) ${other} (${second})`);
  return others.map((other) => `${first} ${other} ${second}`);
}

function isText(node: Node): boolean {
  return node.type === 'TemplateLiteral' || typeof field(node, 'value') === 'string';
}

function ofCall(node: Node, source: string): readonly string[] {
  const callee = child(node, 'callee');
  if (callee?.type !== 'MemberExpression' || field(callee, 'computed') === true) return [];
  const property = child(callee, 'property');
  if (property === undefined) return [];
  const name = source.slice(property.start, property.end);
  const swapped = SWAPPED_METHODS.get(name);
  if (swapped !== undefined) {
    return [`${source.slice(node.start, property.start)}${swapped}${source.slice(property.end, node.end)}`];
  }
  return DROPPED_METHODS.has(name) && field(callee, 'optional') !== true
    ? [source.slice(node.start, property.start).replace(/\s*\.\s*$/, '')]
    : [];
}

const SQL = /^[`'"]\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/;
const SQL_SWAPS: readonly (readonly [RegExp, string])[] = [
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/(?<=\bWHERE\b[\s\S]*) = /g, ' <> '],
  [/ <> /g, ' = '],
  [/ \+ (?=\d)/g, ' - '],
  [/\bAND\b/g, 'OR'],
  [/\bOR\b(?! (REPLACE|IGNORE))/g, 'AND'],
  [/\bIS NULL\b/g, 'IS NOT NULL'],
  [/\bIS NOT NULL\b/g, 'IS NULL'],
  [/ DESC\b/g, ''],
  [/\bMIN\(/g, 'MAX('],
  [/\bMAX\(/g, 'MIN('],
];

/** Each place of a statement on its own. */
function sqlMutants(text: string): readonly string[] {
  if (!SQL.test(text)) return [];
  return SQL_SWAPS.flatMap(([pattern, other]) =>
    [...text.matchAll(pattern)].map(
      ({ 0: { length }, index }) => text.slice(0, index) + other + text.slice(index + length),
    ),
  );
}

type Span = { readonly start: number; readonly end: number };

function leftOutOf(node: Node, { parents }: Visit): readonly Span[] {
  switch (node.type) {
    case 'ThrowStatement':
      return [node];
    case 'ExpressionStatement':
      return typeof field(node, 'directive') !== 'string' && !isSuperCall(node) ? [node] : [];
    case 'BlockStatement': {
      const body = children(node, 'body');
      const isConstructor =
        parents.at(-2)?.type === 'MethodDefinition' && field(parents.at(-2) ?? node, 'kind') === 'constructor';
      const lone = body.length === 1 && ['ExpressionStatement', 'ThrowStatement'].includes(body[0]?.type ?? '');
      return body.length === 0 || lone || isConstructor ? [] : [{ start: node.start + 1, end: node.end - 1 }];
    }
    default:
      return [];
  }
}

function isSuperCall(node: Node): boolean {
  const call = child(node, 'expression');
  return call !== undefined && child(call, 'callee')?.type === 'Super';
}
