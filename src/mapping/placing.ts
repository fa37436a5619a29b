import type { Definitions, ElementInfo } from '../fhir/definitions.ts';
import type { Json, Node } from '../fhir/path/node.ts';
import { copyJson } from './copy.ts';
import { fault, mapError } from './fault.ts';
import type { RuleContext, Run, TargetNode } from './model.ts';
import type { Target } from './parse/ast.ts';
import { isPrimitive, isText, naturalType, toPrimitive } from './primitives.ts';
import { FRESH } from './transforms/kit.ts';
import { putValue, type Slot, setPrimitive, writeValue } from './write.ts';

/** The JSON key of an element for one of its types, and what may stand there. */
export function makeSlot(element: ElementInfo, type: string, definitions: Definitions): Slot {
  const declared = element.keys.has(type) ? type : element.types.find((each) => definitions.isA(type, each));
  return {
    name: element.name,
    key: element.keys.get(declared ?? '') ?? element.name,
    type,
    isArray: element.isArray,
    isPrimitive: isPrimitive(definitions, type),
    isText: isText(definitions, type),
    isResource: definitions.type(type)?.kind === 'resource',
  };
}

/** How values get to one element. */
export type Placing = {
  type: string | undefined;
  write(holder: TargetNode, item: Node, from: Node | undefined, run: Run): TargetNode;
  /** As `write`, where nobody asks for what was written. */
  put(holder: TargetNode, item: Node, from: Node | undefined, run: Run): void;
  /** How a value that the map spells out is written; `undefined` where its type is not certain before the run. */
  constant(item: Node): ((holder: TargetNode, from: Node | undefined, run: Run) => void) | undefined;
};

/** How a value of a type (known now, or only in the run) gets to its JSON key. */
export function compilePlacing(
  element: ElementInfo,
  valueType: string | undefined,
  target: Target,
  context: RuleContext,
): Placing {
  const { definitions } = context;
  const slots = new Map<string, Slot>();
  const slotOf = (type: string): Slot => {
    const known = slots.get(type);
    if (known) return known;
    const slot = makeSlot(element, type, definitions);
    slots.set(type, slot);
    return slot;
  };
  const fixed = valueType === undefined ? undefined : fitType(element, valueType, definitions);
  if (valueType !== undefined && fixed === undefined) {
    const allowed = element.types.slice(0, 12).join(', ');
    const message = `"${element.name}" takes ${allowed}, not ${valueType}`;
    throw mapError('wrong-type', context.place, target.line, message);
  }
  const fixedSlot = fixed === undefined ? undefined : slotOf(fixed);
  const slotFor = (item: Node, from: Node | undefined): Slot => {
    if (fixedSlot) return fixedSlot;
    const type = runtimeType(element, item, definitions);
    if (type === undefined) throw fault('wrong-type', from, `the value has no type that ${element.path} takes`);
    return slotOf(type);
  };
  const write: Placing['write'] = (holder, item, from, run) => {
    const slot = slotFor(item, from);
    const value = valueFor(slot, item, from, element);
    if (element.name === '') {
      setPrimitive(holder, value, from);
      return holder;
    }
    const written = writeValue(holder, slot, value, target, from, run);
    if (slot.isPrimitive && item.extra) copyExtra(written, item.extra);
    return written;
  };
  return {
    type: fixed ?? (element.types.length === 1 ? element.types[0] : undefined),
    write,
    put: (holder, item, from, run) => {
      if (element.name === '' || item.extra) {
        write(holder, item, from, run);
        return;
      }
      const slot = slotFor(item, from);
      putValue(holder, slot, valueFor(slot, item, from, element), target, from, run);
    },
    constant: (item) => {
      const value = fixedSlot?.isPrimitive && element.name !== '' ? toPrimitive(item.value, fixedSlot.type) : undefined;
      if (fixedSlot === undefined || value === undefined) return undefined;
      return (holder, from, run) => void putValue(holder, fixedSlot, value, target, from, run);
    },
  };
}

/** The element's type for a value of a known type: the same, a more general one, or a primitive it converts to. */
function fitType(element: ElementInfo, type: string, definitions: Definitions): string | undefined {
  const { types } = element;
  if (types.includes(type)) return type;
  const open = types.find((each) => definitions.isA(type, each));
  if (open) return isPrimitive(definitions, type) ? open : type;
  // A narrower complex type carries the same elements: a Quantity where Age, Duration or SimpleQuantity is asked.
  const narrower = types.find((each) => definitions.isA(each, type));
  if (narrower) return narrower;
  if (!isPrimitive(definitions, type)) return undefined;
  const primitives = types.filter((each) => isPrimitive(definitions, each));
  return primitives.length === 1 && convertible(type, primitives[0] as string) ? primitives[0] : undefined;
}

const NUMERIC = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt']);

/** Conversions between primitives that lose nothing and guess nothing; text is checked against its form in the run. */
function convertible(from: string, to: string): boolean {
  if (to === 'boolean') return from === 'string' || from === 'code';
  if (NUMERIC.has(to)) return NUMERIC.has(from) || from === 'string';
  return true;
}

function runtimeType(element: ElementInfo, item: Node, definitions: Definitions): string | undefined {
  if (item.type !== undefined) return fitType(element, item.type, definitions);
  const { types } = element;
  if (typeof item.value !== 'object') {
    return types.length === 1 ? types[0] : naturalType(item.value, types);
  }
  return types.length === 1 ? types[0] : undefined;
}

function valueFor(slot: Slot, item: Node, from: Node | undefined, element: ElementInfo): unknown {
  if (!slot.isPrimitive) {
    if (typeof item.value === 'object') return isFresh(item) ? item.value : copyJson(item.value);
    throw fault('wrong-type', from, `${element.path} takes ${slot.type}, not a single value`);
  }
  if (slot.isText && typeof item.value === 'string') return item.value;
  if (item.value === undefined && item.extra) return undefined;
  const value = toPrimitive(item.value, slot.type);
  if (value === undefined) throw fault('wrong-type', from, `the value is no ${slot.type}, which ${element.path} takes`);
  return value;
}

/** Made by a transform in this run and held by nobody else. */
export function isFresh(item: Node): boolean {
  return item.parent === undefined && item.key === FRESH;
}

function copyExtra(written: TargetNode, extra: Json): void {
  const holder = written.holder as Json;
  const key = `_${written.holderKey}`;
  if (written.at < 0) {
    holder[key] = copyJson(extra);
    return;
  }
  holder[key] ??= [];
  const list = holder[key] as unknown[];
  while (list.length < written.at) list.push(null);
  list[written.at] = copyJson(extra);
}
