import {
  AndAtom,
  ArithmeticOperatorAtom,
  AsAtom,
  type Atom,
  ConcatAtom,
  ContainsAtom,
  DotAtom,
  EmptySetAtom,
  EqualsAtom,
  EquivalentAtom,
  FunctionAtom,
  ImpliesAtom,
  InAtom,
  IndexerAtom,
  InfixOperatorAtom,
  IsAtom,
  LiteralAtom,
  NotEqualsAtom,
  NotEquivalentAtom,
  OrAtom,
  parseFhirPath,
  SymbolAtom,
  UnaryOperatorAtom,
  UnionAtom,
  XorAtom,
} from '@medplum/core';
import { compileFast } from './fast.ts';
import { compileFunction } from './functions.ts';
import { isOfType, typeFromAtom } from './is-type.ts';
import { type Json, type Node, rootNode } from './node.ts';
import {
  arithmetic,
  bool,
  collectionEquals,
  collectionEquivalent,
  compare,
  EMPTY,
  itemEquals,
  PathError,
  single,
  truth,
} from './operators.ts';
import { cachedReader } from './reader.ts';
import type { Condition, Path, PathScope } from './types.ts';

export type { Condition, Path, PathContext, PathScope } from './types.ts';

/** Raised where an expression cannot be right; the message is about the expression, which is no patient data. */
export class PathSyntaxError extends Error {}

/**
 * Compiles a FHIRPath expression once into a function (FHIRPath N1, as far as FHIR R4 uses it). Throws PathSyntaxError on
 * bad syntax, unknown functions and variables, and on functions that read the clock.
 */
export function compilePath(expression: string, scope: PathScope): Path {
  return compileAtom(parse(expression), scope);
}

/**
 * Compiles an expression that is asked for its truth only; simple ones run on plain JSON. Otherwise as `compilePath`. `itemType`: the
 * type of the items, where it is known.
 */
export function compileCondition(expression: string, scope: PathScope, itemType?: string): Condition {
  const atom = parse(expression);
  const path = compileAtom(atom, scope);
  const fast = compileFast(atom, scope, itemType);
  const general: Condition = (item, context) => {
    context.self = item;
    return truth(path([item], context)) === true;
  };
  if (!fast) return general;
  return (item, context) => {
    const { value } = item;
    if (item.type !== itemType || typeof value !== 'object' || value === null) return general(item, context);
    return fast(value as Json) ?? general(item, context);
  };
}

/** Comments, and the quoted parts in which none can be. */
const COMMENT = /'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Parses the whole text: the parser alone would ignore what follows a complete expression. */
export function parse(expression: string): Atom {
  const text = expression.replace(COMMENT, (part) => (part.startsWith('/') ? ' ' : part));
  try {
    if (!isBalanced(text.replace(COMMENT, "''"))) throw new Error();
    return parseFhirPath(`(${text})`).child;
  } catch {
    throw new PathSyntaxError(`not a FHIRPath expression: ${expression}`);
  }
}

/** True when round brackets pair up and never close more than was opened. */
function isBalanced(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if (sign === '(') depth++;
    if (sign === ')' && --depth < 0) return false;
  }
  return depth === 0;
}

/** Compiles one node of the syntax tree. */
export function compileAtom(atom: Atom, scope: PathScope): Path {
  const sub = (child: Atom): Path => compileAtom(child, scope);
  if (atom instanceof LiteralAtom) return literal(atom);
  if (atom instanceof SymbolAtom) return symbol(atom.name, scope, true);
  if (atom instanceof DotAtom) return dot(atom, scope);
  if (atom instanceof FunctionAtom) return compileFunction(atom, scope, compileAtom);
  if (atom instanceof EmptySetAtom) return () => EMPTY;
  if (atom instanceof IndexerAtom) return indexer(sub(atom.left), sub(atom.expr));
  if (atom instanceof UnaryOperatorAtom) return sub(atom.child);
  if (atom instanceof InfixOperatorAtom) return infix(atom, scope, sub);
  throw new PathSyntaxError('this FHIRPath construct is not supported');
}

function literal(atom: LiteralAtom): Path {
  const { type, value } = atom.value;
  const result = [rootNode(value, type)];
  return () => result;
}

/** A name: a variable where one has it and it starts a path, else an element of the input. */
function symbol(name: string, scope: PathScope, starts: boolean): Path {
  if (name === '$this') return (input, context) => (context.self ? [context.self] : input);
  if (name === '$index') return (_, context) => [rootNode(context.index, 'integer')];
  const marked = name.startsWith('%');
  const slot = starts ? scope.slotOf(marked ? unquote(name.slice(1)) : name, marked) : undefined;
  if (slot !== undefined) {
    return (_, context) => {
      const value = context.slots[slot];
      return value ? [value] : EMPTY;
    };
  }
  if (name === '%resource' || name === '%rootResource' || name === '%context') {
    return (input, context) => (context.resource ? [context.resource] : input);
  }
  const known = CONSTANTS.get(name);
  if (known) return () => known;
  if (marked) throw new PathSyntaxError(`unknown variable ${name}`);
  const read = cachedReader(scope.definitions, name);
  return (input) => {
    if (input.length === 0) return EMPTY;
    const out: Node[] = [];
    for (const node of input) {
      if (starts && node.type === name) out.push(node);
      else read(node, out);
    }
    return out;
  };
}

/** True for an expression of literals only, such as a union of codes. */
function isConstant(atom: Atom): boolean {
  if (atom instanceof InfixOperatorAtom) return isConstant(atom.left) && isConstant(atom.right);
  return atom instanceof LiteralAtom || atom instanceof EmptySetAtom;
}

/** The truth of a condition that no input can change (`1 = 2`); `undefined` where the input decides, or what it says is no condition. */
export function constantTruth(expression: string): boolean | undefined {
  try {
    const atom = parse(expression);
    const is = (each: Atom): boolean => !(each instanceof IsAtom || each instanceof AsAtom) && isConstant(each);
    if (!is(atom)) return undefined;
    return (
      truth(compileAtom(atom, NO_SCOPE)([], { slots: [], self: undefined, index: 0, resource: undefined })) === true
    );
  } catch {
    return undefined;
  }
}

const NO_SCOPE = { slotOf: () => undefined } as unknown as PathScope;

/** Evaluates at once what no input can change. */
function constant(path: Path): Path {
  const result = path(EMPTY, { slots: [], self: undefined, index: 0, resource: undefined });
  return () => result;
}

const CONSTANTS = new Map<string, Node[]>([
  ['%sct', [rootNode('http://snomed.info/sct', 'string')]],
  ['%loinc', [rootNode('http://loinc.org', 'string')]],
  ['%ucum', [rootNode('http://unitsofmeasure.org', 'string')]],
]);

const unquote = (name: string): string => name.replace(/^['"`]|['"`]$/g, '');

function dot(atom: DotAtom, scope: PathScope): Path {
  const left = compileAtom(atom.left, scope);
  const right =
    atom.right instanceof SymbolAtom ? symbol(atom.right.name, scope, false) : compileAtom(atom.right, scope);
  return (input, context) => right(left(input, context), context);
}

function indexer(left: Path, expression: Path): Path {
  return (input, context) => {
    const position = single(expression(input, context))?.value;
    const item = typeof position === 'number' ? left(input, context)[position] : undefined;
    return item ? [item] : EMPTY;
  };
}

function infix(atom: InfixOperatorAtom, scope: PathScope, sub: (child: Atom) => Path): Path {
  if (atom instanceof IsAtom) return isType(sub(atom.left), atom.right, scope);
  if (atom instanceof AsAtom) return asType(sub(atom.left), atom.right, scope);
  const left = sub(atom.left);
  // The library writes a negative number as an operator whose two sides are the same node.
  if (atom instanceof ArithmeticOperatorAtom && atom.operator === '-' && atom.left === atom.right) {
    return (input, context) => arithmetic('*', left(input, context), [rootNode(-1, 'integer')]);
  }
  const right = sub(atom.right);
  const path = binary(atom, left, right);
  return isConstant(atom) ? constant(path) : path;
}

function binary(atom: InfixOperatorAtom, left: Path, right: Path): Path {
  if (atom instanceof EqualsAtom) return (i, c) => maybe(collectionEquals(left(i, c), right(i, c)));
  if (atom instanceof NotEqualsAtom) return (i, c) => maybe(negate(collectionEquals(left(i, c), right(i, c))));
  if (atom instanceof EquivalentAtom) return (i, c) => bool(collectionEquivalent(left(i, c), right(i, c)));
  if (atom instanceof NotEquivalentAtom) return (i, c) => bool(!collectionEquivalent(left(i, c), right(i, c)));
  if (atom instanceof AndAtom) {
    return (i, c) => {
      const a = truth(left(i, c));
      if (a === false) return bool(false);
      const b = truth(right(i, c));
      return b === false ? bool(false) : a && b ? bool(true) : EMPTY;
    };
  }
  if (atom instanceof OrAtom) {
    return (i, c) => {
      const a = truth(left(i, c));
      if (a) return bool(true);
      const b = truth(right(i, c));
      return b ? bool(true) : a === false && b === false ? bool(false) : EMPTY;
    };
  }
  if (atom instanceof XorAtom) {
    return (i, c) => {
      const [a, b] = [truth(left(i, c)), truth(right(i, c))];
      return a === undefined || b === undefined ? EMPTY : bool(a !== b);
    };
  }
  if (atom instanceof ImpliesAtom) {
    return (i, c) => {
      const a = truth(left(i, c));
      if (a === false) return bool(true);
      const b = truth(right(i, c));
      return b ? bool(true) : a && b === false ? bool(false) : EMPTY;
    };
  }
  if (atom instanceof InAtom) return (i, c) => membership(left(i, c), right(i, c));
  if (atom instanceof ContainsAtom) return (i, c) => membership(right(i, c), left(i, c));
  if (atom instanceof UnionAtom) return (i, c) => union(left(i, c), right(i, c));
  if (atom instanceof ConcatAtom) return (i, c) => concat(left(i, c), right(i, c));
  const test = COMPARISONS[atom.operator];
  if (test) return (i, c) => compare(left(i, c), right(i, c), test);
  if (ARITHMETIC.has(atom.operator)) return (i, c) => arithmetic(atom.operator, left(i, c), right(i, c));
  throw new PathSyntaxError(`the operator ${atom.operator} is not supported`);
}

const COMPARISONS: Record<string, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};
const ARITHMETIC = new Set(['+', '-', '*', '/', 'div', 'mod']);

const maybe = (value: boolean | undefined): Node[] => (value === undefined ? EMPTY : bool(value));
const negate = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

function membership(items: Node[], collection: Node[]): Node[] {
  const item = single(items);
  return item ? bool(collection.some((each) => itemEquals(item, each) === true)) : EMPTY;
}

/** Union without duplicates (FHIRPath §5.4). */
export function union(left: Node[], right: Node[]): Node[] {
  const out: Node[] = [];
  for (const item of [...left, ...right]) {
    if (!out.some((known) => itemEquals(known, item) === true)) out.push(item);
  }
  return out;
}

function concat(left: Node[], right: Node[]): Node[] {
  const [a, b] = [single(left)?.value ?? '', single(right)?.value ?? ''];
  if (typeof a === 'object' || typeof b === 'object') throw new PathError('& joins text only');
  return [rootNode(String(a) + String(b), 'string')];
}

function isType(left: Path, right: Atom, scope: PathScope): Path {
  const type = typeFromAtom(right);
  return (input, context) => {
    const item = single(left(input, context));
    return item ? bool(isOfType(item, type, scope.definitions)) : EMPTY;
  };
}

function asType(left: Path, right: Atom, scope: PathScope): Path {
  const type = typeFromAtom(right);
  return (input, context) => left(input, context).filter((item) => isOfType(item, type, scope.definitions));
}
