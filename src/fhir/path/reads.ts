import {
  ArithmeticOperatorAtom,
  AsAtom,
  type Atom,
  ConcatAtom,
  DotAtom,
  EmptySetAtom,
  FunctionAtom,
  IndexerAtom,
  InfixOperatorAtom,
  LiteralAtom,
  SymbolAtom,
  UnaryOperatorAtom,
  UnionAtom,
} from '@medplum/core';
import type { Definitions } from '../definitions.ts';
import { parse } from './compile.ts';
import { typeFromAtom } from './is-type.ts';

/** The types that a value may have; `undefined` where only the message tells. */
export type Types = readonly string[] | undefined;

/** What is known of an expression before it runs, and where its reads are told. */
export type ReadScope = {
  definitions: Definitions;
  /** The types of a variable; `none` where there is none of that name. */
  variable(name: string, marked: boolean): Types | 'none';
  /** An element of a type is read. */
  read(type: string, element: string): void;
  /** None of the types that a value can have has this element. */
  unknown(types: readonly string[], element: string): void;
};

/**
 * Walks a FHIRPath expression without running it: tells which elements of known types it reads and which it names in vain, and gives
 * the types of its result. It does not see what `children()`, `descendants()` and `resolve()` lead to, nor elements of untyped records.
 */
export function walkReads(expression: string, input: Types, scope: ReadScope): Types {
  return walk(parse(expression), { input, self: input, starts: true }, scope);
}

/** `starts`: nothing stands before this part, so a name in it may be a variable. */
type At = { input: Types; self: Types; starts: boolean };

function walk(atom: Atom, at: At, scope: ReadScope): Types {
  const of = (part: Atom): Types => walk(part, at, scope);
  if (atom instanceof LiteralAtom) return [atom.value.type];
  if (atom instanceof EmptySetAtom) return [];
  if (atom instanceof SymbolAtom) return symbol(atom.name, at, scope);
  if (atom instanceof DotAtom) return walk(atom.right, { ...at, input: of(atom.left), starts: false }, scope);
  if (atom instanceof FunctionAtom) return call(atom, at, scope);
  if (atom instanceof IndexerAtom) {
    of(atom.expr);
    return of(atom.left);
  }
  if (atom instanceof UnaryOperatorAtom) return of(atom.child);
  if (!(atom instanceof InfixOperatorAtom)) return undefined;
  const left = of(atom.left);
  if (atom instanceof AsAtom) return [typeFromAtom(atom.right).name];
  // `is` has a type on its right, which is no element.
  if (atom.operator === 'is') return ['boolean'];
  const right = of(atom.right);
  if (atom instanceof UnionAtom) return either(left, right);
  if (atom instanceof ConcatAtom) return ['string'];
  return atom instanceof ArithmeticOperatorAtom && !COMPARING.has(atom.operator) ? undefined : ['boolean'];
}

const COMPARING = new Set(['<', '<=', '>', '>=']);

const either = (left: Types, right: Types): Types => left && right && [...new Set([...left, ...right])];

function symbol(name: string, at: At, scope: ReadScope): Types {
  if (name === '$this') return at.self;
  if (name === '$index') return ['integer'];
  const marked = name.startsWith('%');
  const bare = marked ? name.slice(1).replace(/^['"`]|['"`]$/g, '') : name;
  const variable = at.starts ? scope.variable(bare, marked) : 'none';
  if (variable !== 'none') return variable;
  if (marked) return undefined;
  if (at.starts && at.input?.includes(name)) return [name];
  return element(name, at.input, scope);
}

/** The types of an element of a value; tells the read, or that there is no such element. */
function element(name: string, types: Types, scope: ReadScope): Types {
  if (types === undefined || types.length === 0) return undefined;
  const found: string[] = [];
  let isOpen = false;
  let isKnown = false;
  for (const typeName of types) {
    const type = scope.definitions.type(typeName);
    if (!type || type.abstract || type.kind === 'primitive-type') {
      // A primitive has a value, an id and extensions; an abstract type holds what the message says.
      isKnown ||= type?.kind !== 'primitive-type' || ['value', 'id', 'extension'].includes(name);
      isOpen = true;
      continue;
    }
    const info = type.elements.get(name) ?? type.byKey.get(name);
    if (!info) continue;
    isKnown = true;
    scope.read(typeName, info.name);
    if (info.types.length === 0 || (!info.choice && info.types.length > 1)) isOpen = true;
    found.push(...info.types);
  }
  if (!isKnown) scope.unknown(types, name);
  return isOpen ? undefined : found;
}

/** Functions that give (some of) their input. */
const SAME = new Set('where first last tail skip take single distinct trace intersect exclude'.split(' '));
/** Functions whose argument is evaluated on each item. */
const PER_ITEM = new Set(['where', 'exists', 'all', 'select', 'iif']);
const RESULTS: Record<string, string> = {
  ...Object.fromEntries(
    'empty exists all not hasValue isDistinct subsetOf supersetOf allTrue anyTrue startsWith endsWith contains matches'
      .split(' ')
      .map((name) => [name, 'boolean']),
  ),
  mapsTo: 'code',
  ...Object.fromEntries('count length indexOf toInteger'.split(' ').map((name) => [name, 'integer'])),
  ...Object.fromEntries(
    'upper lower trim replace join toString substring replaceMatches split'.split(' ').map((name) => [name, 'string']),
  ),
};

function call(atom: FunctionAtom, at: At, scope: ReadScope): Types {
  const { name, args } = atom;
  if (name === 'ofType' || name === 'as') return [typeFromAtom(args[0]).name];
  if (name === 'is') return ['boolean'];
  const inner: At = PER_ITEM.has(name)
    ? { input: at.input, self: at.input, starts: true }
    : { input: at.self, self: at.self, starts: true };
  const results = args.map((arg) => walk(arg, inner, scope));
  if (SAME.has(name)) return at.input;
  if (name === 'select') return results[0];
  if (name === 'iif') return either(results[1], results[2] ?? []);
  if (name === 'union' || name === 'combine') return either(at.input, results[0]);
  const result = name === 'extension' ? 'Extension' : RESULTS[name];
  return result === undefined ? undefined : [result];
}
