import { type Atom, FunctionAtom, LiteralAtom, type TypedValue } from '@medplum/core';
import { isOfType, typeFromAtom } from './is-type.ts';
import { mapsToFunction } from './maps-to.ts';
import { type Json, type Node, pushChildren, pushValues, rootNode } from './node.ts';
import { bool, EMPTY, itemEquals, PathError, single, tidy, truth } from './operators.ts';
import type { Path, PathContext, PathScope } from './types.ts';

type Compile = (atom: Atom, scope: PathScope) => Path;

/** Compiles a function call. Functions that are not written here run in the FHIR library. */
export function compileFunction(atom: FunctionAtom, scope: PathScope, compile: Compile): Path {
  const { name } = atom;
  if (CLOCK.has(name)) throw new Error(`${name}() reads the clock and is not allowed`);
  const typed = ofTypeFunction(atom, scope);
  if (typed) return typed;
  const mapped = mapsToFunction(atom, scope);
  if (mapped) return mapped;
  const args = atom.args.map((arg) => compile(arg, scope));
  const own = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.(args, scope) : undefined;
  return own ?? libraryFunction(atom, args);
}

const CLOCK = new Set(['today', 'now', 'timeOfDay']);

type Maker = (args: Path[], scope: PathScope) => Path;

const FUNCTIONS: Record<string, Maker> = {
  empty: () => (input) => bool(input.length === 0),
  exists: ([criteria]) =>
    criteria
      ? (input, context) => bool(input.some((item, index) => test(criteria, item, index, context)))
      : (input) => bool(input.length > 0),
  all: ([criteria]) => {
    const test1 = needed(criteria);
    return (input, context) => bool(input.every((item, index) => test(test1, item, index, context)));
  },
  not: () => (input) => {
    const value = truth(input);
    return value === undefined ? EMPTY : bool(!value);
  },
  hasValue: () => (input) => bool(input.length === 1 && isScalar(input[0] as Node)),
  count: () => (input) => [rootNode(input.length, 'integer')],
  first: () => (input) => input.slice(0, 1),
  last: () => (input) => input.slice(-1),
  tail: () => (input) => input.slice(1),
  single: () => (input) => {
    single(input);
    return input;
  },
  skip: ([amount]) => {
    const n = needed(amount);
    return (input, context) => input.slice(Number(single(n(input, context))?.value ?? 0));
  },
  take: ([amount]) => {
    const n = needed(amount);
    return (input, context) => input.slice(0, Number(single(n(input, context))?.value ?? 0));
  },
  where: ([criteria]) => {
    const keep = needed(criteria);
    return (input, context) => input.filter((item, index) => test(keep, item, index, context));
  },
  select: ([projection]) => {
    const project = needed(projection);
    return (input, context) => input.flatMap((item, index) => within(project, item, index, context));
  },
  iif: ([condition, yes, no]) => {
    const when = needed(condition);
    const then = needed(yes);
    return (input, context) => {
      const run = (path: Path): Node[] =>
        input.length === 1 ? within(path, input[0] as Node, context.index, context) : path(input, context);
      const holds = context.deciding ? context.deciding(() => truth(run(when))) : truth(run(when));
      return holds ? run(then) : no ? run(no) : EMPTY;
    };
  },
  distinct: () => (input) => distinct(input),
  isDistinct: () => (input) => bool(distinct(input).length === input.length),
  combine: ([other]) => {
    const more = needed(other);
    return (input, context) => [...input, ...more(rootOf(input, context), context)];
  },
  union: ([other]) => {
    const more = needed(other);
    return (input, context) => distinct([...input, ...more(rootOf(input, context), context)]);
  },
  intersect: ([other]) => setFunction(other, (item, set) => isIn(item, set), distinct),
  exclude: ([other]) =>
    setFunction(
      other,
      (item, set) => !isIn(item, set),
      (items) => items,
    ),
  subsetOf: ([other]) => {
    const superset = needed(other);
    return (input, context) => {
      const all = superset(rootOf(input, context), context);
      return bool(input.every((item) => isIn(item, all)));
    };
  },
  supersetOf: ([other]) => {
    const subset = needed(other);
    return (input, context) => bool(subset(rootOf(input, context), context).every((item) => isIn(item, input)));
  },
  allTrue: () => (input) => bool(input.every((item) => item.value === true)),
  anyTrue: () => (input) => bool(input.some((item) => item.value === true)),
  children: (_, scope) => (input) => input.flatMap((item) => childrenOf(item, scope)),
  descendants: (_, scope) => (input) => descendantsOf(input, scope),
  extension: ([url], scope) => {
    const wanted = needed(url);
    return (input, context) => {
      const value = single(wanted(input, context))?.value;
      const out: Node[] = [];
      for (const item of input) {
        if (item.extra) pushValues(item.extra, 'extension', 'Extension', item, 'extension', out);
        else pushChildren(scope.definitions, item, 'extension', out);
      }
      return out.filter((item) => (item.value as Json).url === value);
    };
  },
  startsWith: text((value, part) => value.startsWith(part)),
  endsWith: text((value, part) => value.endsWith(part)),
  contains: text((value, part) => value.includes(part)),
  indexOf: text((value, part) => value.indexOf(part)),
  upper: text((value) => value.toUpperCase()),
  lower: text((value) => value.toLowerCase()),
  trim: text((value) => value.trim()),
  length: text((value) => value.length),
  replace: text((value, pattern, by) => (by === undefined ? undefined : value.replaceAll(pattern, by))),
  split: ([separator]) => {
    const by = needed(separator);
    return (input, context) => {
      const value = single(input)?.value;
      const at = single(by(input, context))?.value;
      if (typeof value !== 'string' || typeof at !== 'string') return EMPTY;
      return value.split(at).map((part) => rootNode(part, 'string'));
    };
  },
  join:
    ([separator]) =>
    (input, context) => {
      const by = separator ? single(separator(input, context))?.value : '';
      return input.length === 0
        ? EMPTY
        : [rootNode(input.map((item) => String(item.value)).join(String(by)), 'string')];
    },
  toString: () => (input: Node[]) => {
    const item = single(input);
    return item && isScalar(item) ? [rootNode(String(item.value), 'string')] : EMPTY;
  },
  toInteger: () => (input) => number(input, Number.isInteger, 'integer'),
  toDecimal: () => (input) => number(input, () => true, 'decimal'),
  round:
    ([precision]) =>
    (input, context) => {
      const value = single(input)?.value;
      const digits = precision ? Number(single(precision(input, context))?.value ?? 0) : 0;
      if (typeof value !== 'number') return EMPTY;
      const factor = 10 ** digits;
      return [rootNode(Math.round(tidy(value * factor)) / factor, digits > 0 ? 'decimal' : 'integer')];
    },
  conformsTo: ([url], scope) => {
    const wanted = needed(url);
    return (input, context) => {
      const type = scope.definitions.typeOfUrl(String(single(wanted(input, context))?.value));
      const item = single(input);
      if (!type) throw new PathError('conformsTo names a StructureDefinition that is not known');
      return item ? bool(item.type !== undefined && scope.definitions.isA(item.type, type)) : EMPTY;
    };
  },
  // Narrative is checked by the validator itself, more strictly than htmlChecks asks.
  htmlChecks: () => () => bool(true),
  trace: () => (input) => input,
};

function text(
  compute: (value: string, first: string, second?: string) => string | number | boolean | undefined,
): Maker {
  return (args) => (input, context) => {
    const value = single(input)?.value;
    if (value === undefined) return EMPTY;
    if (typeof value !== 'string') throw new PathError('a text function needs text');
    const parts: string[] = [];
    for (const arg of args) {
      const part = single(arg(rootOf(input, context), context))?.value;
      if (typeof part !== 'string') return EMPTY;
      parts.push(part);
    }
    const result = compute(value, parts[0] as string, parts[1]);
    if (result === undefined) return EMPTY;
    return [rootNode(result, typeof result === 'number' ? 'integer' : typeof result)];
  };
}

/** Arguments that are no criteria are evaluated against the surrounding `$this`, not the input of the call. */
function rootOf(input: Node[], context: PathContext): Node[] {
  return context.self ? [context.self] : input;
}

function number(input: Node[], accept: (value: number) => boolean, type: string): Node[] {
  const value = single(input)?.value;
  if (typeof value === 'boolean') return [rootNode(value ? 1 : 0, type)];
  const form = type === 'integer' ? /^[+-]?\d+$/ : /^[+-]?\d+(\.\d+)?$/;
  const parsed = typeof value === 'string' && form.test(value) ? Number(value) : value;
  return typeof parsed === 'number' && accept(parsed) ? [rootNode(parsed, type)] : EMPTY;
}

function within(path: Path, item: Node, index: number, context: PathContext): Node[] {
  const { self, index: outer } = context;
  context.self = item;
  context.index = index;
  try {
    return path([item], context);
  } finally {
    context.self = self;
    context.index = outer;
  }
}

function test(path: Path, item: Node, index: number, context: PathContext): boolean {
  const { deciding } = context;
  if (deciding === undefined) return truth(within(path, item, index, context)) === true;
  return deciding(() => truth(within(path, item, index, context)) === true);
}

function setFunction(
  other: Path | undefined,
  keep: (item: Node, set: Node[]) => boolean,
  finish: (items: Node[]) => Node[],
): Path {
  const set = needed(other);
  return (input, context) => {
    const items = set(rootOf(input, context), context);
    return finish(input.filter((item) => keep(item, items)));
  };
}

const isIn = (item: Node, set: Node[]): boolean => set.some((each) => itemEquals(item, each) === true);

function distinct(items: Node[]): Node[] {
  const out: Node[] = [];
  for (const item of items) if (!out.some((known) => itemEquals(known, item) === true)) out.push(item);
  return out;
}

function childrenOf(node: Node, scope: PathScope): Node[] {
  const out: Node[] = [];
  const type = node.type ? scope.definitions.type(node.type) : undefined;
  if (node.value === null || typeof node.value !== 'object') {
    if (node.extra) for (const key of Object.keys(node.extra)) pushChildren(scope.definitions, node, key, out);
  } else if (type) {
    for (const name of type.elements.keys()) pushChildren(scope.definitions, node, name, out);
  } else {
    for (const key of Object.keys(node.value)) pushChildren(scope.definitions, node, key, out);
  }
  return out;
}

function descendantsOf(input: Node[], scope: PathScope): Node[] {
  const out: Node[] = [];
  let level = input;
  while (level.length > 0) {
    level = level.flatMap((item) => childrenOf(item, scope));
    out.push(...level);
  }
  return out;
}

function isScalar(node: Node): boolean {
  return node.value !== undefined && node.value !== null && typeof node.value !== 'object';
}

function needed(path: Path | undefined): Path {
  if (!path) throw new Error('a FHIRPath function lacks an argument');
  return path;
}

/** `ofType(X)`, `as(X)`, `is(X)`: the argument is a type, not an expression. */
function ofTypeFunction(atom: FunctionAtom, scope: PathScope): Path | undefined {
  if (atom.name !== 'ofType' && atom.name !== 'as' && atom.name !== 'is') return undefined;
  const type = typeFromAtom(atom.args[0]);
  if (atom.name !== 'is') return (input) => input.filter((item) => isOfType(item, type, scope.definitions));
  return (input) => {
    const item = single(input);
    return item ? bool(isOfType(item, type, scope.definitions)) : EMPTY;
  };
}

/** Runs a function of the FHIR library on values whose arguments were computed here. */
function libraryFunction(atom: FunctionAtom, args: Path[]): Path {
  assertKnown(atom.name);
  return (input, context) => {
    const values = args.map((arg) => single(arg(rootOf(input, context), context)));
    if (values.some((value) => value === undefined)) return EMPTY;
    const literals = values.map((value) => new LiteralAtom(toTyped(value as Node)));
    let result: TypedValue[];
    try {
      result = new FunctionAtom(atom.name, literals).eval({ variables: {} }, input.map(toTyped));
    } catch {
      // The library's message may quote the value.
      throw new PathError(`${atom.name}() failed on this value`);
    }
    return result.map((item) => rootNode(item.value, item.type));
  };
}

const LIBRARY = new Set(
  (
    'allFalse anyFalse toBoolean convertsToBoolean convertsToInteger toDate ' +
    'convertsToDate toDateTime convertsToDateTime convertsToDecimal toQuantity convertsToQuantity convertsToString ' +
    'toTime convertsToTime substring matches replaceMatches toChars abs ceiling exp floor ln log power sqrt truncate ' +
    'between type resolve getResourceKey getReferenceKey'
  ).split(' '),
);

function assertKnown(name: string): void {
  if (!LIBRARY.has(name)) throw new Error(`unknown FHIRPath function ${name}()`);
}

const toTyped = (node: Node): TypedValue => ({ type: node.type ?? jsType(node.value), value: node.value });

function jsType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  return typeof value === 'object' ? 'BackboneElement' : typeof value;
}
