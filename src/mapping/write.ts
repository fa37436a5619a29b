import type { Json, Node } from '../fhir/path/node.ts';
import { deepEquals } from '../fhir/path/operators.ts';
import { fault } from './fault.ts';
import type { Run, TargetNode } from './model.ts';
import type { Target } from './parse/ast.ts';

/** One JSON key of a target type: what may stand there. */
export type Slot = {
  name: string;
  key: string;
  type: string;
  isArray: boolean;
  isPrimitive: boolean;
  /** A primitive whose JSON is a text. */
  isText: boolean;
  isResource: boolean;
};

/** The object that children of a target are written to; for a primitive, its `_` sibling. */
export function childHolder(target: TargetNode): Json {
  if (typeof target.value === 'object' && target.value !== null) return target.value as Json;
  const key = `_${target.holderKey}`;
  const holder = target.holder as Json;
  if (target.at < 0) {
    const existing = holder[key];
    if (existing) return existing as Json;
    const created: Json = {};
    holder[key] = created;
    return created;
  }
  holder[key] ??= [];
  const siblings = holder[key] as (Json | null)[];
  while (siblings.length < target.at) siblings.push(null);
  const existing = siblings[target.at];
  if (existing) return existing;
  const created: Json = {};
  siblings[target.at] = created;
  return created;
}

/** Sets the value of a primitive target (`family.value = 'x'`). */
export function setPrimitive(target: TargetNode, value: unknown, from: Node | undefined): void {
  const holder = target.holder as Json;
  const present = target.at < 0 ? holder[target.holderKey] : (holder[target.holderKey] as unknown[])[target.at];
  assertFree(present, value, from);
  if (target.at < 0) holder[target.holderKey] = value;
  else (holder[target.holderKey] as unknown[])[target.at] = value;
  target.value = value;
}

/**
 * Writes a value under a slot of `parent`: appends to a list, sets a single element. `rule`: the target of the map that says so, for
 * its list mode.
 */
export function writeValue(
  parent: TargetNode,
  slot: Slot,
  value: unknown,
  rule: Target,
  from: Node | undefined,
  run: Run,
): TargetNode {
  const holder = childHolder(parent);
  const at = put(holder, slot, value, rule, from, run);
  const written = at < 0 ? holder[slot.key] : (holder[slot.key] as unknown[])[at];
  return target(slot, written ?? undefined, holder, at, parent);
}

/** As `writeValue`, where nobody asks for what was written. */
export function putValue(
  parent: TargetNode,
  slot: Slot,
  value: unknown,
  rule: Target,
  from: Node | undefined,
  run: Run,
): void {
  put(childHolder(parent), slot, value, rule, from, run);
}

/** Gives the position in the list, -1 for a single element. */
function put(holder: Json, slot: Slot, value: unknown, rule: Target, from: Node | undefined, run: Run): number {
  const { key } = slot;
  const present = holder[key];
  if (!slot.isArray) {
    if (value !== undefined) {
      if (present !== undefined) assertFree(present, value, from);
      holder[key] = value;
    }
    return -1;
  }
  if (present === undefined) {
    if (rule.listMode === undefined) {
      holder[key] = [value ?? null];
      return 0;
    }
    holder[key] = [];
  }
  const list = holder[key] as unknown[];
  if (rule.listMode === undefined && run.ends.size === 0) return list.push(value ?? null) - 1;
  if (isCollating(rule) && list.length > 0) {
    list[0] = collate(list[0], value ?? null, from);
    return 0;
  }
  return insert(list, value ?? null, rule, from, run);
}

/** `collate` (R4), `single` (R5): the first item of the list is used again, and more content added to it. */
const isCollating = (rule: Target): boolean => rule.listMode === 'collate' || rule.listMode === 'single';

/** The first item with the content of another added; a second, different value for an element is a fault. */
function collate(present: unknown, value: unknown, from: Node | undefined): unknown {
  if (typeof present !== 'object' || typeof value !== 'object' || !present || !value) {
    assertFree(present, value ?? present, from);
    return present ?? value;
  }
  for (const [key, part] of Object.entries(value)) {
    assertFree((present as Json)[key], part, from);
    (present as Json)[key] = part;
  }
  return present;
}

/** Makes the element that a rule will fill: a new item of a list, the existing or a new single element. */
export function makeElement(parent: TargetNode, slot: Slot, rule: Target, run: Run): TargetNode {
  if (slot.isPrimitive) return writeValue(parent, slot, undefined, rule, undefined, run);
  if (!slot.isArray) {
    const holder = childHolder(parent);
    const existing = holder[slot.key] as Json | undefined;
    const json = existing ?? newObject(slot);
    holder[slot.key] = json;
    return target(slot, json, holder, -1, parent);
  }
  return writeValue(parent, slot, newObject(slot), rule, undefined, run);
}

/** A new object of a type; resources say their type. */
export function newObject(slot: { type: string; isResource: boolean }): Json {
  return slot.isResource ? { resourceType: slot.type } : {};
}

/** A target that stands by itself: the root of a run. */
export function rootTarget(value: Json, type: string | undefined): TargetNode {
  return {
    value,
    type,
    extra: undefined,
    parent: undefined,
    key: '',
    index: -1,
    holder: undefined,
    holderKey: '',
    at: -1,
  };
}

function target(slot: Slot, value: unknown, holder: Json, at: number, parent: TargetNode): TargetNode {
  return {
    value,
    type: slot.type,
    extra: undefined,
    parent,
    key: slot.name,
    index: at,
    holder,
    holderKey: slot.key,
    at,
  };
}

/** A second, different value for an element that holds one would silently lose the first. */
function assertFree(present: unknown, value: unknown, from: Node | undefined): void {
  if (present === undefined || present === null || present === value || deepEquals(present, value)) return;
  throw fault('target-conflict', from, 'the target element already has another value');
}

/** The place of a new item. Two rules that both say `first` (or `last`) of one list contradict each other. */
function insert(list: unknown[], value: unknown, rule: Target, from: Node | undefined, run: Run): number {
  const mode = rule.listMode;
  const ends = run.ends.size === 0 ? undefined : run.ends.get(list);
  if (mode !== 'first' && mode !== 'last') {
    if (!ends) return list.push(value) - 1;
    const at = list.length - ends.last;
    list.splice(at, 0, value);
    return at;
  }
  const counts = ends ?? { first: 0, last: 0, firstBy: undefined, lastBy: undefined };
  run.ends.set(list, counts);
  const by = mode === 'first' ? 'firstBy' : 'lastBy';
  counts[by] ??= rule;
  if (counts[by] !== rule) throw fault('target-conflict', from, `another rule has made an item that goes ${mode}`);
  if (mode === 'last') {
    counts.last++;
    return list.push(value) - 1;
  }
  list.splice(counts.first, 0, value);
  return counts.first++;
}
