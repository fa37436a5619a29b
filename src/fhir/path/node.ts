import type { Definitions, ElementInfo } from '../definitions.ts';

/** A JSON object. */
export type Json = { [key: string]: unknown };

/**
 * A value in a tree: its JSON value, its FHIR type (`undefined` for the untyped records of a source), and where it
 * stands. The place is kept as links, not as text: a path is only spelled out when an error needs it.
 */
export type Node = {
  readonly value: unknown;
  readonly type: string | undefined;
  /** For a primitive: the `_name` sibling that carries its id and extensions. */
  readonly extra: Json | undefined;
  readonly parent: Node | undefined;
  /** Element name under the parent, or the name of the root. */
  readonly key: string;
  /** Position in a repeating element, -1 for a single one. */
  readonly index: number;
};

/** A node that starts a tree, or a computed value that stands nowhere. */
export function rootNode(value: unknown, type: string | undefined, key = ''): Node {
  return { value, type, extra: undefined, parent: undefined, key, index: -1 };
}

/** FHIRPath-like place of a node: `contacts[2].groups[0].value`. Holds names and positions only, never a value. */
export function pathOf(node: Node): string {
  const step = node.index < 0 ? node.key : `${node.key}[${node.index}]`;
  const above = node.parent ? pathOf(node.parent) : '';
  return above && step ? `${above}.${step}` : above || step;
}

/** Appends the children of `node` under `name` to `out`. An absent element adds nothing; JSON null is absence. */
export function pushChildren(definitions: Definitions, node: Node, name: string, out: Node[]): void {
  if (node.value === null || typeof node.value !== 'object') {
    pushPrimitiveChild(node, name, out);
    return;
  }
  const json = node.value as Json;
  const type = node.type ? definitions.type(node.type) : undefined;
  if (!type) {
    pushValues(json, name, undefined, node, name, out);
    return;
  }
  const bare = name.endsWith('[x]') ? name.slice(0, -3) : name;
  const element = type.elements.get(bare) ?? type.byKey.get(name);
  if (!element) return;
  for (const [typeName, key] of element.keys) {
    if (json[key] === undefined && json[`_${key}`] === undefined) continue;
    // `valueString` names one type of the choice, `value` any.
    if (element.choice && bare !== element.name && key !== name) continue;
    pushValues(json, key, jsonTold(element) ? undefined : typeName, node, element.name, out);
    return;
  }
}

/** True for an element of a logical model that may have several types under one key: the kind of the JSON value tells which. */
export const jsonTold = (element: ElementInfo): boolean => !element.choice && element.keys.size > 1;

/** A primitive has a `value` (itself) and, in its `_` sibling, an `id` and `extension`. */
function pushPrimitiveChild(node: Node, name: string, out: Node[]): void {
  if (name === 'value' && node.value !== undefined) out.push(node);
  else if (node.extra) pushValues(node.extra, name, name === 'extension' ? 'Extension' : 'string', node, name, out);
}

/** Appends the value or values that stand under one JSON key. */
export function pushValues(
  json: Json,
  key: string,
  type: string | undefined,
  parent: Node,
  name: string,
  out: Node[],
): void {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  const extra = type === undefined ? undefined : (json[`_${key}`] as Json | Json[] | undefined);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      const itemExtra = Array.isArray(extra) ? (extra[index] ?? undefined) : undefined;
      if (item === undefined || (item === null && !itemExtra)) continue;
      out.push({ value: item ?? undefined, type: actualType(type, item), extra: itemExtra, parent, key: name, index });
    }
  } else if ((value !== undefined && value !== null) || (extra && !Array.isArray(extra))) {
    const one = Array.isArray(extra) ? undefined : extra;
    out.push({ value: value ?? undefined, type: actualType(type, value), extra: one, parent, key: name, index: -1 });
  }
}

/** An element of type Resource holds what its `resourceType` says. */
function actualType(type: string | undefined, value: unknown): string | undefined {
  if (type !== 'Resource') return type;
  const name = (value as Json | null)?.resourceType;
  return typeof name === 'string' ? name : type;
}

/** The FHIRPath type name of a node; untyped JSON scalars get that of their JSON kind. */
export function typeNameOf(node: Node): string | undefined {
  if (node.type) return node.type;
  switch (typeof node.value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isInteger(node.value) ? 'integer' : 'decimal';
    default:
      return undefined;
  }
}
