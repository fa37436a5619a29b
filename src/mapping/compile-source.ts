import type { Definitions, ElementInfo } from '../fhir/definitions.ts';
import { type Condition, constantTruth, type Path } from '../fhir/path/compile.ts';
import { type Json, jsonTold, type Node, pushValues, rootNode, typeNameOf } from '../fhir/path/node.ts';
import { cachedReader, isLogical, readerOf } from '../fhir/path/reader.ts';
import { fault, mapError, record } from './fault.ts';
import type { Frame, RuleContext, Run, Scope, Step, Value, Variable } from './model.ts';
import type { ListModeSource, Source } from './parse/ast.ts';
import { compileExpression, compileParameter, compileWhere, declare } from './scope.ts';

/** A compiled source: the scope with its variable, and how to run what follows once for each match. */
export type CompiledSource = { scope: Scope; variable: Variable; wrap(next: Step): Step };

/**
 * Compiles `ctx.element : type 1..* default … first as x where … check … log …` (FHIR R5 §mapping-language, rule sources).
 * Order: read, type, cardinality, default, `where`, `check`, `log`, list mode.
 */
export function compileSource(source: Source, scope: Scope, context: RuleContext): CompiledSource {
  const from = scope.sources.get(source.context) ?? scope.targets.get(source.context);
  if (!from) {
    throw mapError('unknown-variable', context.place, source.line, `there is no variable "${source.context}" here`);
  }
  if (isWhole(source)) return wholeSource(source, from, scope);
  if (source.min !== undefined && source.min > (source.max as number)) {
    throw mapError('bad-cardinality', context.place, source.line, `at least ${source.min} and at most ${source.max}?`);
  }
  const read = compileRead(source, from, context);
  const variable = { slot: context.newSlot(), type: read.type };
  const inner = source.variable ? declare(scope, 'sources', source.variable, variable) : scope;
  const fallback = source.default && compileParameter(source.default, source.line, scope, from, context);
  const condition = (text: string | undefined): Condition | undefined => {
    if (text === undefined) return undefined;
    const always = constantTruth(text);
    if (always === false) {
      throw mapError('unreachable-rule', context.place, source.line, `"${text}" is never true: the rule does nothing`);
    }
    return always ? undefined : compileWhere(text, source.line, source.variable, variable.type, inner, context);
  };
  const parts: SourceParts = {
    source,
    slot: variable.slot,
    fromSlot: from.slot,
    read: read.get,
    member: source.through.length === 0 && source.type === undefined ? read.member : undefined,
    type: read.type,
    isOpen: from.type === undefined,
    fallback,
    where: condition(source.where),
    check: condition(source.check),
    log:
      source.log === undefined
        ? undefined
        : compileExpression(source.log, source.line, inner, variable.type, context).path,
  };
  return { scope: inner, variable, wrap: (next) => compileLoop(parts, next, context) };
}

/** `src -> …` or `src as s -> …`: the variable as it is, with nothing to read and nothing to choose. */
function isWhole(source: Source): boolean {
  const { element, type, min, max, where, check, log, listMode } = source;
  return [element, type, min, max, source.default, where, check, log, listMode].every((part) => part === undefined);
}

function wholeSource(source: Source, from: Variable, scope: Scope): CompiledSource {
  const { slot } = from;
  const inner = source.variable ? declare(scope, 'sources', source.variable, from) : scope;
  return {
    scope: inner,
    variable: from,
    wrap: (next) => (frame, run) => {
      if (frame.slots[slot]) next(frame, run);
    },
  };
}

type Read = (node: Node) => Node[];

type SourceParts = {
  source: Source;
  slot: number;
  fromSlot: number;
  read: Read;
  /** The JSON member that is read, where the source is a record of its own kind and not of FHIR. */
  member: string | undefined;
  type: string | undefined;
  /** The map does not know the type of the record. */
  isOpen: boolean;
  fallback: Value | undefined;
  where: Condition | undefined;
  check: Condition | undefined;
  log: Path | undefined;
};

function compileLoop(parts: SourceParts, next: Step, context: RuleContext): Step {
  const { source, slot, fromSlot, read } = parts;
  const { place } = context;
  const { line } = source;
  const select = compileSelection(parts, context);
  const loop: Step = (frame, run) => {
    const from = frame.slots[fromSlot];
    if (!from) return;
    let items: Node[];
    try {
      items = read(from);
      if (select) items = select(items, from, frame, run);
    } catch (error) {
      record(run, place, line, frame.slots[slot] ?? from, error);
      return;
    }
    for (const item of items) {
      frame.slots[slot] = item;
      next(frame, run);
    }
    frame.slots[slot] = undefined;
  };
  return select || parts.member === undefined || parts.member in Object.prototype ? loop : single(parts, loop, next);
}

/** A single value of a record, which is what most rules take: read without a list. Anything else goes through the loop. */
function single({ slot, fromSlot, member, type, isOpen }: SourceParts, loop: Step, next: Step): Step {
  const key = member as string;
  return (frame, run) => {
    const from = frame.slots[fromSlot];
    const json = from?.value;
    // Of a record that was untyped to the map, only the message told that it is one of FHIR.
    if (from === undefined || typeof json !== 'object' || json === null || (isOpen && from.type !== undefined)) {
      loop(frame, run);
      return;
    }
    const value = (json as Json)[key];
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      loop(frame, run);
      return;
    }
    frame.slots[slot] = { value, type, extra: undefined, parent: from, key, index: -1 };
    next(frame, run);
    frame.slots[slot] = undefined;
  };
}

/** All that narrows the items that were read; `undefined` where the rule takes them as they are. */
function compileSelection(
  parts: SourceParts,
  context: RuleContext,
): ((items: Node[], from: Node, frame: Frame, run: Run) => Node[]) | undefined {
  const { source, slot, fallback, where, check, log } = parts;
  const { place } = context;
  const { min, max, listMode } = source;
  const isPlain = min === undefined && max === undefined && !fallback && !where && !check && !log && !listMode;
  if (isPlain) return undefined;
  const holds = (condition: Condition, item: Node, frame: Frame, run: Run): boolean => {
    frame.slots[slot] = item;
    return run.trace ? run.trace.deciding(source, item, (seen) => condition(seen, frame)) : condition(item, frame);
  };
  return (all, from, frame, run) => {
    let items = all;
    if (items.length === 0 && fallback) {
      const value = run.trace ? run.trace.reading(() => fallback.get(frame, run)) : fallback.get(frame, run);
      items = value ? [value] : [];
    }
    assertCount(items.length, min, max, from, source);
    if (where) items = items.filter((item) => holds(where, item, frame, run));
    if (check) {
      items = items.filter((item) => {
        const passed = holds(check, item, frame, run);
        if (!passed)
          record(
            run,
            place,
            source.line,
            item,
            fault('check-failed', item, `this value does not pass the check of rule ${place.rule}`),
          );
        return passed;
      });
    }
    if (log) {
      for (const item of items) {
        frame.slots[slot] = item;
        frame.self = item;
        run.log.push(
          log([item], frame)
            .map((each) => String(each.value))
            .join(' '),
        );
      }
    }
    return listMode ? pick(items, listMode, from, source) : items;
  };
}

function assertCount(
  count: number,
  min: number | undefined,
  max: number | undefined,
  from: Node,
  source: Source,
): void {
  const name = source.element ?? source.context;
  // Nothing stands there: the place is where it should have stood.
  const { element: key } = source;
  const missing = key === undefined ? from : { ...rootNode(undefined, undefined, key), parent: from };
  if (min !== undefined && count < min)
    throw fault('too-few', missing, `"${name}" must be there at least ${min} times`);
  if (max !== undefined && count > max) throw fault('too-many', from, `"${name}" may be there at most ${max} times`);
}

function pick(items: Node[], mode: ListModeSource, from: Node, source: Source): Node[] {
  switch (mode) {
    case 'first':
      return items.slice(0, 1);
    case 'not_first':
      return items.slice(1);
    case 'last':
      return items.slice(-1);
    case 'not_last':
      return items.slice(0, -1);
    case 'only_one':
      if (items.length > 1) throw fault('only-one', from, `"${source.element}" may be there only once`);
      return items;
  }
}

type CompiledRead = { type: string | undefined; get: Read; member?: string };

function compileRead(source: Source, from: Variable, context: RuleContext): CompiledRead {
  const { definitions } = context;
  let read: CompiledRead = { type: from.type, get: (node) => [node] };
  let types = from.type === undefined ? [] : [from.type];
  const names = source.element === undefined ? [] : [...source.through, source.element];
  for (const [index, name] of names.entries()) {
    const above = read;
    const info = knownElement(name, above.type, source, context);
    types = info ? info.types.filter((type) => !OPEN.has(type)) : [];
    const isPlain = above.type === undefined || isLogical(definitions, above.type);
    const get = info && !isPlain ? readElement(info, name) : readDynamic(definitions, above.type, name);
    read = {
      type: types.length === 1 ? types[0] : undefined,
      get: index === 0 ? get : (node) => above.get(node).flatMap((each) => get(each)),
      ...(isPlain && index === 0 ? { member: name } : {}),
    };
  }
  if (source.type === undefined) return read;
  const wanted = context.resolveType(source.type, 'source') ?? source.type;
  if (types.length > 0 && !types.some((type) => definitions.isA(type, wanted) || definitions.isA(wanted, type))) {
    const message = `"${source.element ?? source.context}" is never a ${wanted}, but ${types.join(' or ')}`;
    throw mapError('wrong-type', context.place, source.line, message);
  }
  return { type: wanted, get: (node) => ofType(read.get(node), wanted, definitions) };
}

/** Types of elements that only the message tells. */
const OPEN = new Set(['Resource', 'Element']);

/**
 * The items of a type (`src.value : Quantity`). A record of an untyped source has no type of its own: the map's word gives it
 * one. An untyped scalar has that of its JSON kind.
 */
function ofType(items: Node[], wanted: string, definitions: Definitions): Node[] {
  return items.flatMap((item) => {
    if (item.type === undefined && typeof item.value === 'object') return [{ ...item, type: wanted }];
    const own = typeNameOf(item);
    return own !== undefined && definitions.isA(own, wanted) ? [item] : [];
  });
}

/** The element's definition; a name that a known type does not have is a fault of the map. */
function knownElement(
  name: string,
  typeName: string | undefined,
  source: Source,
  context: RuleContext,
): ElementInfo | undefined {
  const type = typeName === undefined ? undefined : context.definitions.type(typeName);
  if (!type || type.kind === 'primitive-type') return undefined;
  const info = type.elements.get(name) ?? type.byKey.get(name);
  if (info) {
    context.read(type.name, info.name);
    return info;
  }
  throw mapError('unknown-element', context.place, source.line, `${type.name} has no element "${name}"`);
}

/** Reads an element whose definition is known: its JSON keys are fixed while compiling. */
function readElement(info: ElementInfo, name: string): Read {
  const keys: [string | undefined, string][] = jsonTold(info)
    ? [[undefined, name]]
    : [...info.keys].filter(([, key]) => name === info.name || key === name);
  return (node) => {
    const out: Node[] = [];
    const json = node.value as Json | undefined;
    if (typeof json !== 'object' || json === null) return out;
    for (const [type, key] of keys) {
      if (json[key] === undefined && json[`_${key}`] === undefined) continue;
      pushValues(json, key, type, node, info.name, out);
      if (info.choice) break;
    }
    return out;
  };
}

/** Reads an element of a source's own record, or of a type that only the message tells. */
function readDynamic(definitions: Definitions, type: string | undefined, name: string): Read {
  const read = type === undefined ? cachedReader(definitions, name) : readerOf(definitions, type, name);
  return (node) => {
    const out: Node[] = [];
    read(node, out);
    return out;
  };
}
